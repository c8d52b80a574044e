"""The seam behind which histories are kept: one write verb, `append`, and the reads that faces need.

In memory, on SQLite, on PostgreSQL and, later, on a registry server it is the same contract, shown by one suite of
tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from nb_mlops.core.rows import Facts, ModelRow, VersionRow

if TYPE_CHECKING:
    from nb_mlops.core.chain import Chain
    from nb_mlops.core.checkpoint import Checkpoint
    from nb_mlops.core.event import Draft, Event
    from nb_mlops.core.filters import Filter, Sort
    from nb_mlops.core.policy import Policy
    from nb_mlops.core.verification import Verification


class Catalog(Facts, Protocol):
    """Histories and the rows projected from them (`get`, `find` and `last` come from `Facts`)."""

    def append(self, draft: Draft) -> Event:
        """Decides and records, in one transaction; gives the event that bears the draft's id.

        When the rule finds that an earlier event already says it, that event is given (its id is not the draft's). The
        same draft again is harmless; the same id with another draft is a Conflict. Raises what the rule raises, and
        Unreachable when the store cannot be written: then nothing was recorded.
        """
        ...

    def policy(self) -> Policy:
        """The policy in force."""
        ...

    def event(self, id: str) -> Event | None:
        """The event of this id, or None."""
        ...

    def events(self, history: str, *, after: int = 0) -> Iterator[Event]:
        """The events of one history in order, those after sequence `after`."""
        ...

    def models(self, query: str | None = None, *, after: str = "", limit: int = 100) -> list[ModelRow]:
        """Models by name, those after the name `after`; `query` is a part of the name, case-insensitive."""
        ...

    def versions(
        self, model: str | None, *, where: Filter | None = None, sort: Sort | None = None, limit: int = 100
    ) -> list[VersionRow]:
        """Versions of a model (its id; None: of all models) that are not discarded, newest first unless sorted."""
        ...

    def names(self, actors: Iterable[str]) -> dict[str, str]:
        """The names of actors by their opaque ids; an erased one is missing."""
        ...

    def find_actor(self, name: str) -> str | None:
        """The opaque id of the person of this name; None where they never acted here."""
        ...

    def texts(self, digests: Iterable[str]) -> dict[str, str]:
        """What people typed, by the salted digests that events hold; an erased one is missing."""
        ...

    def position(self) -> int:
        """The registry-wide position of the newest event; 0 in an empty registry."""
        ...

    def now(self) -> datetime:
        """The catalog's clock, which decisions use."""
        ...

    def chain(self) -> Chain:
        """Follows all events of one moment: bytes, hashes, links and columns. What does not hold is in its `breaks`."""
        ...

    def verify(self, checkpoints: Sequence[Checkpoint] = ()) -> Verification:
        """Replays every history and compares: chain, canonical bytes, projected rows, what checkpoints signed."""
        ...

    def close(self) -> None:
        """Lets go of connections and files."""
        ...
