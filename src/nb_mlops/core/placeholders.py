"""`{name}` in a check line, replaced by a number or a text that the notebook holds: a value, never code.

A number becomes its digits. A text becomes a bare word when it is one (`roc_auc`), a number when it spells one
(papermill hands parameters over as text), and otherwise a quoted text, so that a parameter such as
`roc_auc >= 0 or True` stays a text and the check that holds it is refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from numbers import Integral, Real

from nb_mlops.core.errors import BadInput, near
from nb_mlops.core.expressions import MAX_LENGTH
from nb_mlops.core.measures import is_bare
from nb_mlops.core.printable import one_line

_PLACE = re.compile(r"(?P<text>\"[^\"]*\"|'[^']*')|\{(?P<name>[^{}]*)\}")
_INNER = re.compile(r"\{([^{}]*)\}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def expand(line: str, names: Mapping[str, object]) -> str:
    """`line` with each `{name}` replaced by what `names` holds; BadInput for an unknown name or another kind of value.

    >>> expand("roc_auc >= {least}", {"least": 0.8})
    'roc_auc >= 0.8'
    """
    if len(line) > MAX_LENGTH or "{" not in line:
        return line

    def replaced(found: re.Match[str]) -> str:
        if found["text"] is None:
            return _bare(found["name"], names)
        quote = found["text"][0]
        return quote + _INNER.sub(lambda inner: _quotable(inner[1], names), found["text"][1:-1]) + quote

    return _PLACE.sub(replaced, line)


def _bare(name: str, names: Mapping[str, object]) -> str:
    """How the value of `name` stands outside quotes."""
    value = _value(name, names)
    if not isinstance(value, str):
        return value if isinstance(value, str) else _digits(name, value)
    if is_bare(value):
        return value
    if _NUMBER.fullmatch(value.strip()) and len(value) <= 30:
        return value.strip()
    return f'"{_harmless(name, value)}"'


def _quotable(name: str, names: Mapping[str, object]) -> str:
    """How the value of `name` stands inside quotes."""
    value = _value(name, names)
    return _harmless(name, value) if isinstance(value, str) else _digits(name, value)


def _value(name: str, names: Mapping[str, object]) -> str | Real:
    """The number or text that `names` holds; BadInput for anything else."""
    name = name.strip()
    if name not in names:
        usable = [known for known, value in names.items() if not known.startswith("_") and _is_usable(value)]
        hint = near(name, usable) or "Assign it in an earlier cell, or write the number itself."
        raise BadInput(f"{{{one_line(name, most=60)}}} is not a name this notebook holds.", hint)
    value = names[name]
    if isinstance(value, str):
        return value
    if isinstance(value, Real) and _is_usable(value):
        return value
    what = type(value).__name__
    raise BadInput(f"{{{one_line(name, most=60)}}} is a {what}, not a number or a text.", "Put a number there.")


def _is_usable(value: object) -> bool:
    """Whether a value may stand in a check line: a text or a finite number (a bool is no number here)."""
    return isinstance(value, str) or (isinstance(value, Real) and not isinstance(value, bool))


def _digits(name: str, value: Real) -> str:
    """A number as it would be typed; BadInput for NaN and infinities."""
    if isinstance(value, Integral):
        return str(int(value)) if abs(int(value)) < 10**25 else _refuse(name, "too large a number")
    number = float(value)
    return repr(number) if math.isfinite(number) else _refuse(name, str(number))


def _harmless(name: str, value: str) -> str:
    """A text that can stand between quotes; BadInput where it could end them."""
    if any(char in value for char in "\"'\\") or not value.isprintable():
        return _refuse(name, "a text with quotes, backslashes or control characters")
    return value


def _refuse(name: str, what: str) -> str:
    raise BadInput(f"{{{one_line(name, most=60)}}} is {what}.", "A check line takes plain numbers and words.")
