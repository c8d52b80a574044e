"""A notebook without the secrets in it: cells, outputs and metadata masked, pictures left as they are."""

from __future__ import annotations

import json
from typing import Any

from nb_mlops.capture.secrets import mask, mask_plain, mask_value

_LARGEST = 20 << 20  # bytes
_PICTURES = ("image/", "audio/", "video/", "font/", "application/pdf")


def scrubbed(data: bytes) -> tuple[bytes, int] | None:
    """The notebook as canonical JSON and how many secrets were masked; None for what is no notebook, or too large."""
    if len(data) > _LARGEST:
        return None
    scrub = _Scrub()
    try:
        made = scrub.notebook(json.loads(data))
        text = json.dumps(made, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
        return f"{text}\n".encode(), scrub.masked
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None  # damaged, or not a notebook: what cannot be read cannot be scrubbed


class _Scrub:
    """Walks through a notebook and counts what it masks."""

    def __init__(self) -> None:
        self.masked = 0

    def notebook(self, given: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(given["cells"], list):
            raise TypeError("cells")
        made = {name: self.value(name, value) for name, value in given.items() if name != "cells"}
        return {**made, "cells": [self.cell(cell) for cell in given["cells"]]}

    def cell(self, given: dict[str, Any]) -> dict[str, Any]:
        in_cell = mask if given.get("cell_type") == "code" else mask_plain
        made: dict[str, Any] = {}
        for name, value in given.items():
            if name == "source":
                made[name] = self.count(in_cell(_joined(value)))
            elif name == "outputs":
                made[name] = [self.output(output) for output in value]
            else:
                made[name] = value if name == "attachments" else self.value(name, value)
        return made

    def output(self, given: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, value in given.items():
            if name == "data":
                made[name] = {kind: self.shown(kind, shown) for kind, shown in value.items()}
            elif name == "text":
                made[name] = self.count(mask_plain(_joined(value)))
            else:
                made[name] = self.value(name, value)
        return made

    def shown(self, kind: str, value: Any) -> Any:
        if kind.startswith(_PICTURES) and kind != "image/svg+xml":
            return value
        return self.value(kind, value if isinstance(value, dict) else _joined(value))

    def value(self, name: str, value: Any) -> Any:
        return self.count(mask_value(name, value))

    def count(self, found: tuple[Any, int]) -> Any:
        value, masked = found
        self.masked += masked
        return value


def _joined(value: Any) -> str:
    """A text of a notebook, which may be kept as a list of its lines: a secret may stand over two of them."""
    return "".join(map(str, value)) if isinstance(value, list) else str(value)
