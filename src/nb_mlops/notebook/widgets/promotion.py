"""The form to promote: the gate's lines above the button, which is dead while the gate is closed."""

from __future__ import annotations

from collections.abc import Iterable

from nb_mlops.actions.gate import gate
from nb_mlops.actions.promote import promote
from nb_mlops.actions.registry import Registry
from nb_mlops.core.decision import Decision
from nb_mlops.core.shown import Shown
from nb_mlops.notebook.html import line
from nb_mlops.notebook.views.decision import gate as gate_view
from nb_mlops.notebook.widgets import inputs
from nb_mlops.notebook.widgets.form import Form


class PromotionForm(Form):
    """Promote; `result` is the Promotion."""

    def __init__(self, registry: Registry, ref: str | None, to: str) -> None:
        super().__init__(registry)
        self.decision: Decision = gate(ref, to, registry=registry)
        self.title = f"promote {self.decision.ref} to {to}"
        self.magic = f'%promote {self.decision.ref} --to {to} -m "…"'

    def static(self) -> Shown:
        """The gate, as it was when last looked at."""
        return self.decision

    def fields(self) -> Iterable[inputs.Control]:
        """The gate, the reason, two buttons."""
        self.gate = inputs.show()
        self.reason = inputs.line("Reason", hint="why; it is kept", width=inputs.WIDE)
        self.promote = inputs.button("Promote", lambda: self.act(self._promoted), tone="primary")
        self.look = inputs.button("Look again", self._look, about="read the gate again")
        self.buttons = [self.promote, self.look]
        return [self.gate, self.reason, inputs.row(*self.buttons)]

    def refresh(self) -> None:
        """Shows the gate as it is now; only an open one can be passed."""
        self.decision = gate(self.decision.ref, self.decision.alias, registry=self.registry)
        self.gate.value = inputs.markup(gate_view(self.decision))
        self.promote.disabled = not self.decision.allowed

    def _look(self) -> None:
        self.attempt(self.refresh)
        if self.result is None and not self.decision.allowed:
            self.say(line(f"The gate is closed: {len(self.decision.missing)} missing."))

    def _promoted(self) -> Shown:
        decision = self.decision
        return promote(decision.ref, decision.alias, reason=self.reason.value.strip(), registry=self.registry)
