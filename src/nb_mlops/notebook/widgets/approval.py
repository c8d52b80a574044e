"""The form to approve, reject or ask: what is signed stands above the buttons, and only that is signed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nb_mlops.actions.approve import approve, reject, request
from nb_mlops.actions.may_approve import why_not_mine
from nb_mlops.actions.pending import pending
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.signing import signing
from nb_mlops.core.errors import BadInput, Conflict
from nb_mlops.core.promotion import Approval
from nb_mlops.core.shown import Shown
from nb_mlops.core.signing import Signing
from nb_mlops.notebook.html import line, muted, view
from nb_mlops.notebook.views.signing import signing as signing_view
from nb_mlops.notebook.widgets import inputs
from nb_mlops.notebook.widgets.form import Form

Verb = Callable[..., Approval]


class ApprovalForm(Form):
    """Approve, reject or request; `result` is the Approval."""

    def __init__(self, registry: Registry, ref: str | None, to: str) -> None:
        super().__init__(registry)
        self.signing: Signing = signing(ref, to, registry=registry)
        self.title = f"approve {self.signing.ref} for {to}"
        self.magic = f'%approve {self.signing.ref} --to {to} -m "…"'

    def static(self) -> Shown:
        """What would be signed, as it was when last looked at."""
        return self.signing

    def fields(self) -> Iterable[inputs.Control]:
        """What is signed, the comment, three buttons."""
        wanted = "why; required at high stakes" if self.signing.stakes == "high" else "why; it is kept"
        self.read = inputs.show()
        word = "" if self.registry.enforced else ": advisory, this registry takes the machine’s word for it"
        who = view(line(muted(f"You sign as {self.registry.actor.name}{word}.")), label="who signs")
        self.comment = inputs.lines("Comment", hint=wanted)
        self.approve = inputs.button("Approve", lambda: self._sign(approve), tone="success")
        self.reject = inputs.button("Reject", lambda: self._sign(reject), tone="danger")
        self.request = inputs.button("Request approval", lambda: self._sign(request), about="ask others to approve")
        self.buttons = [self.approve, self.reject, self.request]
        self.why_not = inputs.show()
        return [self.read, inputs.show(who), self.comment, inputs.row(*self.buttons), self.why_not]

    def refresh(self) -> None:
        """Shows what would be signed now, and why one's own yes would not count."""
        self.signing = self._now()
        self.read.value = inputs.markup(signing_view(self.signing))
        why = why_not_mine(self.signing.ref, self.signing.alias, registry=self.registry)
        self.approve.disabled = bool(why)
        told = line(f"Approve is closed to you: {why}. Ask others with Request approval, or reject.")
        self.why_not.value = inputs.markup(view(told, label="why you cannot approve") if why else None)

    def _now(self) -> Signing:
        return signing(self.signing.ref, self.signing.alias, registry=self.registry)

    def _sign(self, verb: Verb) -> None:
        self.act(lambda: self._signed(verb))

    def _signed(self, verb: Verb) -> Approval:
        comment = self.comment.value.strip()
        if self.signing.stakes == "high" and verb is not request and not comment:
            raise BadInput("At high stakes a signature has a reason.", "Write it into the comment.")
        if self._now().bound != self.signing.bound:
            raise Conflict("What you read has changed meanwhile; nothing was signed.", "Read it again, then sign.")
        return verb(self.signing.ref, self.signing.alias, comment=comment, registry=self.registry)


def waiting(registry: Registry, to: str) -> tuple[str | None, str]:
    """The ref and alias of the one request that waits for this person; (None, `to`) where none does."""
    found = [one for one in pending(registry=registry) if one.what == "approval"]
    if not found:
        return None, to
    if len(found) > 1:
        listed = ", ".join(f"{one.ref} for {one.alias}" for one in found[:10])
        raise BadInput(f"{len(found)} versions wait for your approval; which one?", f"There are {listed}.")
    return found[0].ref, found[0].alias
