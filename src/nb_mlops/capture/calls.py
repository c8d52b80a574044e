"""What the answer of a call may share with what it was given."""

from __future__ import annotations

from nb_mlops.capture.operations import Call, Late, Perhaps, Roots, joined
from nb_mlops.capture.pure import (
    DRAWS_WHEN_CALLED,
    FITTING,
    FRESH_FUNCTIONS,
    FRESH_METHODS,
    RANDOM_ESTIMATORS,
)


def call_of(chain: tuple[str, ...], method: str, receiver: Roots) -> Call:
    """A call of which no more is known than its name and whose method it is."""
    return Call(chain, method, receiver, (), (), False, True, False, None, False)


def shared(call: Call) -> Roots:
    """The roots of a call's answer: what it was given, unless such calls are known to give something new."""
    method = call.method
    if method in FITTING and call.receiver:
        perhaps = Perhaps(call.receiver, call.arguments)
        return joined(call.receiver, (perhaps,)) if method in ("fit", "partial_fit") else (perhaps,)
    if not call.receiver and len(call.chain) == 1:
        if method in FRESH_FUNCTIONS:
            return _drawn(call)
        return joined(call.arguments, (f"{method}()",), _drawn(call))
    if (method in FRESH_METHODS or method in FRESH_FUNCTIONS) and not call.inplace:
        given: Roots = (Perhaps(call.receiver, call.arguments),) if call.receiver else ()
        return joined(given, _drawn(call))
    makers = tuple(f"{root}()" for root in call.receiver if isinstance(root, str) and not root.endswith("()"))
    return joined(call.receiver, call.arguments, makers, _drawn(call))


def _drawn(call: Call) -> Roots:
    if call.seeded or call.method not in RANDOM_ESTIMATORS or call.method in DRAWS_WHEN_CALLED:
        return ()
    return (_DRAWS,)


# What an estimator without random_state does whenever it is used: it draws from numpy's global state.
_DRAWS = Late(frozenset(), (Call(("<numpy>", "random", "rand"), "rand", (), (), (), False, False, False, None, False),))
