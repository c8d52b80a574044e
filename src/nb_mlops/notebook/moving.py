"""The magics around an alias: %gate, %request, %approve, %reject, %promote, %rollback."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nb_mlops.core.decision import Decision
    from nb_mlops.core.promotion import Approval, Promotion
    from nb_mlops.notebook.magics import Call

PRODUCTION = "production"


def gate(call: Call) -> Decision:
    """What the policy asks, what is there, what is missing."""
    from nb_mlops.actions.gate import gate as act

    return act(call.parsed.ref, to=_alias(call), **call.registry())


def request(call: Call) -> Approval:
    """Asks others to approve."""
    from nb_mlops.actions.approve import request as act

    return act(call.parsed.ref, to=_alias(call), comment=call.parsed.comment or "", **call.registry())


def approve(call: Call) -> Approval:
    """Signs a yes."""
    from nb_mlops.actions.approve import approve as act

    return act(call.parsed.ref, to=_alias(call), comment=call.parsed.comment or "", **call.registry())


def reject(call: Call) -> Approval:
    """Signs a no."""
    from nb_mlops.actions.approve import reject as act

    return act(call.parsed.ref, to=_alias(call), comment=call.parsed.comment or "", **call.registry())


def promote(call: Call) -> Promotion:
    """Decides and moves; raises GateClosed with the reasons."""
    from nb_mlops.actions.promote import promote as act

    parsed = call.parsed
    return act(
        parsed.ref, to=_alias(call), reason=parsed.reason or "", break_glass=parsed.break_glass, **call.registry()
    )


def rollback(call: Call) -> Promotion:
    """Moves the alias back."""
    from nb_mlops.actions.rollback import rollback as act

    parsed = call.parsed
    return act(
        parsed.model,
        alias=parsed.alias or PRODUCTION,
        to=parsed.to,
        expect=parsed.values["from"],
        reason=parsed.reason or "",
        **call.registry(),
    )


def _alias(call: Call) -> str:
    return call.parsed.to or PRODUCTION
