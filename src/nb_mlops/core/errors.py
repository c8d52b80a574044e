"""Every error a caller may want to catch; the text says what happened, to what, and what to do next.

NbMlopsError
├── BadInput            what was typed cannot be meant: a name, a ref, an option, a check line, a table
│   ├── Ambiguous       it could mean several things; the message lists them
│   └── Unsupported     understood, but no format, store or engine here can do it
├── NotFound            a model, version, alias or blob that is not there; near names are shown
├── Refused             a rule said no
│   ├── GateClosed      a guarded alias may not move: `.decision` has the reasons
│   ├── ChecksFailed    a validation did not pass: `.report` has the results
│   ├── NotebookFailed  a notebook that ran unattended stopped at a cell
│   └── Conflict        somebody else was first, or the same id came with another body
├── Unreachable         the registry cannot be read or written now
│   └── Parked          ... and the finished package waits in the outbox
└── Unsafe              bytes that must not be used
    ├── Damaged         they are not what the history says they are
    └── Untrusted       loading them would run code that nobody trusted

Faces map these to statuses, exit codes and cell messages in one table each. A bug is left to crash.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from nb_mlops.core.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nb_mlops.core.decision import Decision
    from nb_mlops.core.validation import ValidationReport

SHORT = 4  # letters


class NbMlopsError(Exception):
    """Something this project refuses or cannot do: one line that says so, one that says what next."""

    def __init__(self, message: str, hint: str = "") -> None:
        message, hint = printable(message), printable(hint)  # both may repeat what somebody typed
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback (IPython calls it by this name)."""
        lines = [f"{type(self).__name__}: {self.message}"]
        return [*lines, self.hint] if self.hint else lines


class BadInput(NbMlopsError, ValueError):
    """What was typed cannot be meant."""


class Ambiguous(BadInput):
    """What was typed could mean several things: `choices`."""

    def __init__(self, message: str, hint: str = "", choices: Sequence[Any] = ()) -> None:
        super().__init__(message, hint)
        self.choices = tuple(choices)


class Unsupported(BadInput):
    """Understood, but nothing installed here can do it."""


class NotFound(NbMlopsError, LookupError):
    """A model, version, alias or blob that is not there."""


class Refused(NbMlopsError):
    """A rule said no."""


class GateClosed(Refused):
    """A guarded alias may not move; `decision` has one reason per requirement."""

    def __init__(self, message: str, hint: str, decision: Decision) -> None:
        super().__init__(message, hint)
        self.args = (message, hint, decision)
        self.decision = decision


class ChecksFailed(Refused):
    """A validation did not pass; `report` has one result per check."""

    def __init__(self, message: str, hint: str, report: ValidationReport) -> None:
        super().__init__(message, hint)
        self.args = (message, hint, report)
        self.report = report


class NotebookFailed(Refused):
    """A notebook that ran unattended stopped at a cell; the executed notebook shows where."""


class Conflict(Refused):
    """Somebody else was first, or the same event id came with another body."""


class Unreachable(NbMlopsError, OSError):
    """The registry cannot be read or written now."""

    def __str__(self) -> str:
        return NbMlopsError.__str__(self)


class Parked(Unreachable):
    """The registry could not take the package; it waits in the outbox."""


class Unsafe(NbMlopsError):
    """Bytes that must not be used."""


class Damaged(Unsafe):
    """Bytes or history that are not what their digest says."""


class Untrusted(Unsafe):
    """Loading would run code that nobody trusted."""


def near(wanted: str, known: Iterable[str], *, most: int = 3) -> str:
    """A sentence that offers the names nearest to `wanted`, each once, or an empty string.

    A short name is near to many: one of up to four letters is a slip only of names that are a letter longer or shorter.

    >>> near("chrun", ["churn", "fraud", "churn"]), near("toy", ["today"])
    ('Did you mean churn?', '')
    """
    others = [name for name in dict.fromkeys(known) if name != wanted]
    if len(wanted) <= SHORT:
        others = [name for name in others if abs(len(name) - len(wanted)) <= 1]
    found = get_close_matches(wanted, others, n=most, cutoff=0.6)
    return f"Did you mean {', '.join(found)}?" if found else ""
