"""What all forms share: opened on purpose, acting once, and leaving the result in the notebook instead of a control.

A form has two outputs. The first is plain: what would be decided, and the magic that does the same. The second is the
control; while it lives, its stylesheet hides the first. So a notebook that is opened without its kernel, and nbconvert,
show what there was to decide. (One output with both would not do: JupyterLab prefers a control even when it is dead.)
Once the form acted, the first output becomes the result's own (`update_display`), the second is emptied, and the
controls end. Where nobody watches (papermill, CI), or in a terminal, no control is made at all.
"""

from __future__ import annotations

import sys
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, Self, TypeVar

from nb_mlops.actions.registry import Registry
from nb_mlops.actions.session import is_watched
from nb_mlops.core.errors import NbMlopsError
from nb_mlops.core.shown import Shown
from nb_mlops.notebook.html import Html, join, line, muted, sheet, tag, view
from nb_mlops.notebook.views import drawn
from nb_mlops.notebook.widgets import inputs

Given = TypeVar("Given")

_CONTROL = "application/vnd.jupyter.widget-view+json"

# What JupyterLab shows of a control whose kernel is gone ("model not found") stands in the output after ours.
_HIDE_THE_DEAD = """
.jp-OutputArea-child:has(.nbm-fallback)+.jp-OutputArea-child>.jp-OutputArea-output.jupyter-widgets\
:not(:has(.nbm-form)){display:none}
"""


class Form(ABC):
    """An input. `result` is what the magic would have given, None until the form acted."""

    title = ""  # what it is for: 'approve churn@3'
    magic = ""  # the line that does the same

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.result: Shown | None = None
        self.root: inputs.Control | None = None  # None where no form could be opened
        self.buttons: list[inputs.Control] = []
        self._notice: inputs.Control | None = None
        self._is_acting = False
        self._id = uuid.uuid4().hex
        self._is_displayed = False

    @abstractmethod
    def static(self) -> Shown:
        """What would be decided, as a value that shows itself: for those who see no controls."""

    @abstractmethod
    def fields(self) -> Iterable[inputs.Control]:
        """The controls, from top to bottom; those that act are put into `buttons`."""

    def open(self) -> Self:
        """The form with its controls, where somebody is there to use them."""
        if self.result is None and is_at_hand():
            self._notice = inputs.show()
            self._notice.add_class("nbm-notice")
            hidden = f".{self._fallback}{{display:none}}"  # the plain output, while this one lives
            self.root = inputs.frame([inputs.style(hidden), *self.fields(), self._notice])
            self.refresh()
        return self

    @abstractmethod
    def refresh(self) -> None:
        """Brings the controls up to date with the registry; after an error, too."""

    def act(self, verb: Callable[[], Shown]) -> None:
        """Does it, once: a second click finds the form busy or done. What goes wrong is shown in two lines."""
        if self._is_acting or self.result is not None:
            return
        self._is_acting = True
        for button in self.buttons:
            button.disabled = True
        try:
            result = self.attempt(verb)
        finally:
            self._is_acting = False
            for button in self.buttons:
                button.disabled = False
        if result is not None:
            self.finish(result)
        else:
            self.attempt(self.refresh, clears=False)

    def attempt(self, verb: Callable[[], Given], *, clears: bool = True) -> Given | None:
        """What `verb` gives, or None after its error was shown."""
        if clears:
            self.say()
        try:
            return verb()
        except NbMlopsError as error:
            self.say(*error_lines(error), alarming=True)
        except Exception as error:
            self.say(line(f"{type(error).__name__}: {error}", tone="bad"), line("The log has the rest."), alarming=True)
            raise  # a bug: the log shows where
        return None

    def say(self, *lines: Html, alarming: bool = False) -> None:
        """Shows these lines below the controls (nothing: takes them away)."""
        if self._notice is None:
            return
        role = "alert" if alarming else "status"
        shown = view(tag("div", *lines, role=role), label="message of the form") if lines else None
        self._notice.value = inputs.markup(shown)

    def finish(self, result: Shown) -> None:
        """Leaves the result in place of the controls, on the page and in the notebook."""
        self.result = result
        if self.root is None:
            return
        if self._is_displayed:
            self._display(self.bundle(), self._id, update=True)
            self._display(self.control(), f"{self._id}-control", update=True)
        # A page that was reloaded meanwhile takes no replaced outputs any more; there the control shows the result.
        style, *old = self.root.children
        self.root.children = (style, inputs.show(drawn(result) or line(result.to_text())))
        for control in old:
            inputs.close(control)
        self._notice, self.buttons = None, []

    def bundle(self) -> dict[str, Any]:
        """The plain output: the result, else what would be decided and which magic does it."""
        if self.result is not None:
            return self.result._repr_mimebundle_()
        shown = self.static()
        # Said so that it stays true: of a page that was reloaded, the output is no longer replaced.
        words = "A form was opened here; this is what it began with." if self.root else "No form opens here:"
        does = "does the same." if self.root else "does it."
        note = view(tag("p", muted(words, " "), tag("code", self.magic), " ", muted(does)), label="note")
        html = join([sheet(_HIDE_THE_DEAD) if self.root else None, drawn(shown), note])
        return {
            "text/plain": f"{shown!r}\n{words} {self.magic} {does}",
            "text/html": str(tag("div", html, class_=f"nbm-fallback {self._fallback}")),
        }

    def control(self) -> dict[str, Any]:
        """The second output: the control while it lives, beside empty text so that nothing is shown twice."""
        bundle: dict[str, Any] = {"text/html": "", "text/plain": ""}
        if self.root is not None and self.result is None:
            bundle[_CONTROL] = {"version_major": 2, "version_minor": 0, "model_id": self.root.model_id}
        return bundle

    def __repr__(self) -> str:
        return f"<form {self.title}: {'done' if self.result is not None else 'nothing decided'}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """For front ends that ask for one bundle; IPython takes `_ipython_display_`."""
        return self.control() | self.bundle()

    def _ipython_display_(self) -> None:
        """Shows the form under ids, so that its outputs can be replaced once it acted."""
        self._is_displayed = True
        self._display(self.bundle(), self._id)
        if self.root is not None and self.result is None:
            self._display(self.control(), f"{self._id}-control")

    @property
    def _fallback(self) -> str:
        return f"nbm-fallback-{self._id}"

    def _display(self, bundle: dict[str, Any], display_id: str, *, update: bool = False) -> None:
        from IPython.display import display

        display(bundle, raw=True, display_id=display_id, update=update)  # type: ignore[no-untyped-call]


def is_at_hand() -> bool:
    """Whether somebody is there who can use a form: before a notebook, not a terminal, papermill or CI."""
    return "ipykernel" in sys.modules and is_watched()


def error_lines(error: NbMlopsError) -> list[Html]:
    """What happened, and what to do next."""
    hint = tag("p", error.hint, style="white-space: pre-line") if error.hint else None
    return [line(f"{type(error).__name__}: {error.message}", tone="bad"), *([hint] if hint else [])]
