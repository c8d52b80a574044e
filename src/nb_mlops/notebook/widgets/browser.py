"""The registry to look through: models, versions, and a view of the one chosen. Looking changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nb_mlops.actions.audit import audit
from nb_mlops.actions.card import card
from nb_mlops.actions.gate import gate
from nb_mlops.actions.look import get, lineage, models, versions
from nb_mlops.actions.registry import Registry
from nb_mlops.core.errors import BadInput
from nb_mlops.core.listing import Listing
from nb_mlops.core.model import Model
from nb_mlops.core.shown import Shown
from nb_mlops.core.version import Version
from nb_mlops.notebook.html import Html, heading, line, muted, view
from nb_mlops.notebook.views import drawn
from nb_mlops.notebook.widgets import inputs
from nb_mlops.notebook.widgets.form import Form

_MOST = 100

_VIEWS: dict[str, Callable[..., Shown]] = {
    "version": get,
    "card": card,
    "gate": gate,
    "lineage": lineage,
    "history": audit,
}


class Browser(Form):
    """Look through the registry; `result` is the view that was left in the notebook."""

    def __init__(self, registry: Registry, query: str) -> None:
        super().__init__(registry)
        self._query = query
        self.title = "browse the registry"
        self.magic = f"%models {query}".strip()
        self.found: Listing[Model] = self._search(query)
        self.seen: Shown | None = None
        self._is_filling = False

    def static(self) -> Shown:
        """The models that were found when it was opened."""
        return self.found

    def fields(self) -> Iterable[inputs.Control]:
        """A search, two lists, the kind of view, the view, and the button that leaves it."""
        title = view(heading("Registry", muted(self.registry.address)), label="registry")
        self.search = inputs.line("Search", self._query, hint="part of a name", width="98%")
        self.models = inputs.listed("Models", self._models())
        self.versions = inputs.listed("Versions", [])
        self.kind = inputs.choice("Show", list(_VIEWS), width="98%")
        self.pane = inputs.show(self._told("Choose a model."))
        self.leave = inputs.button("Leave this view here", lambda: self.act(self._left), about="ends the browser")
        self.buttons = [self.leave]
        inputs.watch(self.search, lambda: self.attempt(self._searched))
        inputs.watch(self.models, lambda: self.attempt(self._chosen))
        for control in (self.versions, self.kind):
            inputs.watch(control, lambda: self.attempt(self._shown))
        lists = inputs.column(self.search, self.models, self.versions, self.kind, inputs.row(self.leave), width="17em")
        side = inputs.column(self.pane, width="28em", margin="0 0 0 1.5em", grows=True)
        return [inputs.show(title), inputs.row(lists, side, bottom=False)]

    def refresh(self) -> None:
        """What cannot be left yet cannot be clicked."""
        self.leave.disabled = self.seen is None

    def _search(self, query: str) -> Listing[Model]:
        return models(query or None, limit=_MOST, registry=self.registry)

    def _searched(self) -> None:
        self.found = self._search(self.search.value.strip())
        self._is_filling = True  # a list that gets new options chooses the first by itself
        try:
            inputs.offer(self.models, self._models())
            inputs.offer(self.versions, [])
        finally:
            self._is_filling = False
        self._see(None, "Choose a model." if self.found else self.found.empty)

    def _models(self) -> list[tuple[str, str]]:
        return [(f"{one.name}{_pointing(one)}", one.name) for one in self.found]

    def _chosen(self) -> None:
        if self.models.value is None or self._is_filling:
            return
        found = versions(self.models.value, top=_MOST, registry=self.registry)
        inputs.offer(self.versions, [(_named(one), one.ref) for one in found], first=True)
        if not found:
            self._see(None, found.empty)

    def _shown(self) -> None:
        ref = self.versions.value
        if ref is not None and not self._is_filling:
            self._see(_VIEWS[self.kind.value](ref, registry=self.registry))

    def _see(self, value: Shown | None, instead: str = "") -> None:
        self.seen = value
        self.pane.value = inputs.markup(drawn(value) if value is not None else self._told(instead))
        self.refresh()

    def _told(self, words: str) -> Html:
        return view(line(muted(words)), label="nothing chosen")

    def _left(self) -> Shown:
        if self.seen is None:
            raise BadInput("Nothing is shown yet.", "Choose a version.")
        return self.seen


def _pointing(one: Model) -> str:
    ended = "" if one.state == "live" else f" · {one.state}"
    return ended + "".join(f" · {alias} @{number}" for alias, number in sorted(one.aliases.items()))


def _named(one: Version) -> str:
    return " · ".join([one.ref, *([] if one.state == "live" else [one.state]), *one.aliases])
