"""Long lists in pieces: how many rows, from where, and the opaque cursor to the next page.

The cursor holds the key of the last row shown, not a position, so that rows which come or go between two requests
neither repeat nor hide others.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from nb_mlops.core.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from nb_mlops.core.shown import Json, Shown

DEFAULT_LIMIT = 100
MOST = 500

Key = TypeVar("Key", str, int)
Row = TypeVar("Row", bound="Shown")


@dataclass(frozen=True, slots=True)
class Page(Generic[Key]):
    """Which piece of a list was asked for: at most `limit` rows, those after the key `after`."""

    limit: int
    after: Key | None

    @classmethod
    def asked(cls, query: Mapping[str, str], kind: type[Key]) -> Self:
        """The piece that `?limit=…&cursor=…` means; raises BadInput for what no page of ours said."""
        return cls(_limit(query.get("limit")), _after(query.get("cursor"), kind))

    def answer(self, name: str, rows: Sequence[Row], key: Callable[[Row], Key]) -> dict[str, Json]:
        """The rows as JSON under `name`, and `next`: the cursor, or None at the end.

        `rows` holds one row more than `limit` when there are more.
        """
        shown = rows[: self.limit]
        more = len(rows) > self.limit
        return {name: [row.to_dict() for row in shown], "next": _cursor(key(shown[-1])) if more else None}


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MOST):
        raise BadInput("The limit is not a number of rows.", f"Give a whole number from 1 to {MOST}.")
    return int(text)


def _cursor(key: str | int) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode("ascii")


def _after(text: str | None, kind: type[Key]) -> Key | None:
    if text is None:
        return None
    try:
        after = json.loads(base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadInput("The cursor is not one of ours.", "Leave it out to start from the first page.") from error
    if type(after) is not kind:
        raise BadInput("The cursor belongs to another list.", "Leave it out to start from the first page.")
    return after
