"""One value, one sequence of bytes: JSON by RFC 8785 (JCS), so that a hash means the same everywhere, for ever.

NaN and the infinities, which JSON lacks, are written as the strings "NaN", "Infinity" and "-Infinity".
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal

from nb_mlops.core.errors import BadInput

MAX_SAFE_INTEGER = 2**53 - 1  # RFC 8785 takes numbers as IEEE 754 doubles
_MAX_DEPTH = 64
_string = json.JSONEncoder(ensure_ascii=False).encode


def canonical(value: object) -> bytes:
    """The RFC 8785 bytes of a JSON value; raises BadInput for what JSON cannot hold.

    >>> canonical({"b": 1.0, "a": [True, None]})
    b'{"a":[true,null],"b":1}'
    """
    parts: list[str] = []
    _write(value, parts, 0)
    try:
        return "".join(parts).encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadInput("Text with half a character (a lone surrogate) cannot be stored.", "Re-type it.") from error


def is_whole(text: str) -> bool:
    """Whether every character of a text is one: a lone surrogate is half of one, and no UTF-8 has it."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def sha256(data: bytes) -> str:
    """The SHA-256 of `data` as 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


def digest(value: object) -> str:
    """The SHA-256 of a JSON value's canonical bytes."""
    return sha256(canonical(value))


def _write(value: object, parts: list[str], depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise BadInput(f"A value nested deeper than {_MAX_DEPTH} levels cannot be stored.", "Flatten it.")
    if isinstance(value, str):
        parts.append(_string(value))
    elif value is None:
        parts.append("null")
    elif isinstance(value, bool):
        parts.append("true" if value else "false")
    elif isinstance(value, int):
        parts.append(_integer(value))
    elif isinstance(value, float):
        parts.append(number(value))
    elif isinstance(value, Mapping):
        _write_object(value, parts, depth)
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        parts.append("[")
        for index, item in enumerate(value):
            if index:
                parts.append(",")
            _write(item, parts, depth + 1)
        parts.append("]")
    else:
        raise BadInput(f"A {type(value).__name__} cannot be stored as JSON.", "Give numbers, text, lists or dicts.")


def _write_object(value: Mapping[object, object], parts: list[str], depth: int) -> None:
    keys = [key for key in value if isinstance(key, str)]
    if len(keys) != len(value):
        raise BadInput("Only text can be a key of what is stored.", "Turn the keys into text.")
    parts.append("{")
    for index, key in enumerate(sorted(keys, key=_utf16)):
        parts.append(f",{_string(key)}:" if index else f"{_string(key)}:")
        _write(value[key], parts, depth + 1)
    parts.append("}")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _integer(value: int) -> str:
    if abs(value) > MAX_SAFE_INTEGER:
        raise BadInput(f"The integer {str(value)[:24]} is beyond 2**53, where JSON loses digits.", "Store it as text.")
    return str(int(value))


def number(value: float) -> str:
    """A float as ECMAScript writes it (RFC 8785, section 3.2.2.3).

    >>> number(1e21), number(0.000001), number(1.5)
    ('1e+21', '0.000001', '1.5')
    """
    if math.isnan(value):
        return '"NaN"'
    if math.isinf(value):
        return '"Infinity"' if value > 0 else '"-Infinity"'
    if value == 0:
        return "0"
    text = float.__repr__(value)
    if "e" not in text:
        return text.removesuffix(".0")
    sign, digits, exponent = Decimal(text).as_tuple()
    mantissa = "".join(map(str, digits)).rstrip("0")
    point = len(digits) + int(exponent)  # where the decimal point stands, counted from the first digit
    shown = _positional(mantissa, point) if -6 < point <= 21 else _exponential(mantissa, point - 1)
    return f"-{shown}" if sign else shown


def _positional(mantissa: str, point: int) -> str:
    if point <= 0:
        return f"0.{'0' * -point}{mantissa}"
    if len(mantissa) <= point:
        return mantissa + "0" * (point - len(mantissa))
    return f"{mantissa[:point]}.{mantissa[point:]}"


def _exponential(mantissa: str, exponent: int) -> str:
    fraction = f".{mantissa[1:]}" if len(mantissa) > 1 else ""
    return f"{mantissa[0]}{fraction}e{'+' if exponent >= 0 else '-'}{abs(exponent)}"
