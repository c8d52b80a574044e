"""The form to register: `%register` with its options as fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nb_mlops.actions.fitted import fitted
from nb_mlops.actions.look import model, models
from nb_mlops.actions.register import register_found
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.session import session
from nb_mlops.core.errors import BadInput, NbMlopsError
from nb_mlops.core.policy import LEVELS
from nb_mlops.core.shown import Shown
from nb_mlops.notebook.about import Help
from nb_mlops.notebook.html import heading, line, muted, view
from nb_mlops.notebook.lookup import Expression
from nb_mlops.notebook.widgets import inputs
from nb_mlops.notebook.widgets.form import Form

_MOST_MODELS = 1_000  # names to complete from


class RegistrationForm(Form):
    """Register a fitted estimator; `result` is the Version."""

    def __init__(self, registry: Registry, name: str) -> None:
        super().__init__(registry)
        self._given = name
        self.title = f"register {name}".strip()
        self.magic = f"%register {name or 'NAME'}"

    def static(self) -> Shown:
        """What could be registered, and where."""
        return Help(self.title, (*fitted().items(), ("registry", self.registry.address)))

    def fields(self) -> Iterable[inputs.Control]:
        """The options of `%register` that people use."""
        known = [found.name for found in models(limit=_MOST_MODELS, registry=self.registry)]
        title = view(heading("Register a fitted model", muted(f"in {self.registry.address}")), label="register")
        self.name = inputs.suggested("Name", known, self._given, hint="churn, or with a team risk/churn")
        self.model = inputs.choice("Estimator", self._estimators())
        self.data = inputs.line("Fitted on", hint="what its fit saw; or X_train, y_train")
        self.stakes = inputs.choice("Stakes", [("as they are (a new model: low)", ""), *((one, one) for one in LEVELS)])
        self.owner = inputs.line("Owner", hint="who answers for the model")
        self.purpose = inputs.line("Purpose", hint="what the model is for", width="44.3em")
        self.tags = inputs.lines("Tags, one a line", hint="team=risk", width="44.3em")
        self.register = inputs.button("Register", lambda: self.act(self._registered), tone="primary")
        self.look = inputs.button("Look again", self._look, about="find estimators that were fitted meanwhile")
        self.buttons = [self.register, self.look]
        inputs.watch(self.name, self.refresh)
        return [
            inputs.show(title),
            inputs.row(self.name, self.model),
            inputs.row(self.data, self.stakes),
            inputs.row(self.owner),
            self.purpose,
            self.tags,
            inputs.row(*self.buttons),
        ]

    def _estimators(self) -> list[tuple[str, str]]:
        found = [(f"{name}: {about}", name) for name, about in fitted().items()]
        return [*found] or [("none is fitted yet", "")]

    def _look(self) -> None:
        inputs.offer(self.model, self._estimators(), first=True)
        self.say(line(f"{len(fitted())} fitted estimators are there."))

    def refresh(self) -> None:
        """Shows what a model of this name has already."""
        try:
            found = model(self.name.value.strip(), registry=self.registry)
        except NbMlopsError:  # no name yet, or a new one
            owner, purpose = "who answers for the model", "what the model is for"
        else:
            owner, purpose = (f"{text} (as it is)" if text else "none yet" for text in (found.owner, found.purpose))
        self.owner.placeholder, self.purpose.placeholder = owner, purpose

    def _registered(self) -> Shown:
        given = self.data.value.strip()
        data = Expression(given, "Fitted on").resolve(session().namespace) if given else None
        return register_found(
            self.name.value.strip(),
            model=self.model.value or None,
            data=data,
            stakes=self.stakes.value or None,
            owner=self.owner.value.strip() or None,
            purpose=self.purpose.value.strip() or None,
            tags=read_tags(self.tags.value),
            registry=self.registry,
        )


def read_tags(text: str) -> dict[str, Any]:
    """`key=value` lines as tags; raises BadInput."""
    found = {}
    for each in text.splitlines():
        if not each.strip():
            continue
        key, equals, value = each.partition("=")
        if not equals or not key.strip():
            raise BadInput(f"Tags: {each.strip()!r} is not key=value.", "One a line, such as team=risk.")
        found[key.strip()] = value.strip()
    return found
