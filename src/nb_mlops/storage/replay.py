"""`verify`: first the chain of all events by position, then every history replayed and compared with the rows.

The chain reads bytes only and is quick; replaying holds one history at a time. What they find without a signed
checkpoint: an event changed, reordered, inserted or missing, a row that no event made, an edited text. What they
cannot: the newest events cut off together with their rows, or a history rewritten with fresh hashes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache, partial
from typing import Protocol

from nb_mlops.core.chain import Break, Chain, SetBack, Stored
from nb_mlops.core.checkpoint import Checkpoint, Named, prove
from nb_mlops.core.errors import Damaged
from nb_mlops.core.event import REGISTRY, Event, is_salted
from nb_mlops.core.identity import Binding, Person, bindings, folded, problem_of, spelt_alike
from nb_mlops.core.printable import one_line
from nb_mlops.core.replayed import Replayed
from nb_mlops.core.rows import ROWS, ModelRow, R, Row
from nb_mlops.core.verification import Mismatch, Verification
from nb_mlops.storage.chain_apart import Apart
from nb_mlops.storage.recording import Text

_MOST_FINDINGS = 100  # one broken table would fill a screen; the first ones tell the story
_MOST_NOTES = 5


class Histories(Protocol):
    """What a store shows to be verified, all of one moment."""

    def pages(self, *, after: int = 0, upto: int | None = None) -> Iterator[Sequence[Stored]]:
        """All events by position, those after `after` and up to `upto`, some hundred at a time."""
        ...

    def apart(self, marks: Mapping[int, datetime]) -> Apart | None:
        """The later half of many events, now being followed by another process; None where that would not pay."""
        ...

    def owners(self) -> set[str]:
        """Every history that an event belongs to, and every model that a row belongs to."""
        ...

    def stored(self, history: str) -> Iterator[Stored]:
        """The events of one history by sequence."""
        ...

    def rows(self, kind: type[R], history: str) -> list[R]:
        """The rows of one kind that belong to a history."""
        ...

    def all_texts(self) -> Iterator[Text]:
        """Every text that was not erased."""
        ...

    def people(self) -> Iterator[Person]:
        """Everybody who is behind an opaque id."""
        ...

    def more_findings(self) -> Iterator[Mismatch]:
        """What else does not agree in this kind of store."""
        ...


def follow(histories: Histories, marks: Mapping[int, datetime] | None = None) -> Chain:
    """The chain of all events: their bytes, hashes, links and columns; nothing is projected."""
    marks = marks or {}
    apart = histories.apart(marks)
    if apart is None:
        return _followed(Chain(marks), histories)
    chain = Chain({at: time for at, time in marks.items() if at <= apart.half.after})
    try:
        _followed(chain, histories, upto=apart.half.after)
    except BaseException:
        apart.stop()
        raise
    later = apart.result()
    if later is None or chain.heads != apart.half.heads:
        return _followed(Chain(marks), histories)
    chain.join(later)
    return chain


def _followed(chain: Chain, histories: Histories, *, upto: int | None = None) -> Chain:
    for page in histories.pages(upto=upto):
        chain.follow(page)
    return chain


def verify(histories: Histories, checkpoints: Sequence[Checkpoint] = ()) -> Verification:
    """How far everything holds; no findings means all of it. What differs from a checkpoint comes first."""
    chain = follow(histories, {one.position: one.time for one in checkpoints})
    named = _naming(histories)
    proofs = tuple(prove(one, chain, partial(_standing, histories), named) for one in checkpoints)
    found = [Mismatch(proof.where, proof.problem, proof.differs_at) for proof in proofs if not proof.holds]
    found += [Mismatch(_at(one, named), one.problem, one.position) for one in chain.breaks]
    found += _gaps(chain)
    rows = 0
    owners = sorted(histories.owners())
    told = {(one.history, one.sequence) for one in chain.breaks}
    bound: list[Binding] = []
    for owner in owners:
        made = Replayed()
        found += _replay(histories.stored(owner), made, told, bound, named)
        found += _compared(owner, made, histories, named)
        rows += made.count
    found += [Mismatch(f"text {text.digest[:12]}", "was edited") for text in histories.all_texts() if _is_edited(text)]
    found += histories.more_findings()
    people = {one.id: one for one in histories.people()}
    found += _misnamed(people, bound)
    notes = (*map(_clock_note, chain.set_back[:_MOST_NOTES]), *_notes_on_names(people, bound))
    return Verification(len(owners), chain.events, rows, tuple(found[:_MOST_FINDINGS]), proofs, notes)


def owner_column(kind: type[Row]) -> str | None:
    """The column that says which history a row belongs to; None for rows of the registry's own."""
    return kind.OWNER


def _replay(
    stored: Iterator[Stored], made: Replayed, told: set[tuple[str, int]], bound: list[Binding], named: Named
) -> list[Mismatch]:
    """Makes the rows of a history, as far as its events can be read; what cannot be, unless that was told already.

    `bound` gathers the names that its events bind.
    """
    found = []
    for one in stored:
        try:
            event = Event.from_bytes(one.data, position=one.position)
            if event.texts:
                bound += bindings(event)
            made.add(event)
        except Damaged as error:
            if (one.history, one.sequence) not in told:
                found.append(Mismatch(_at(one, named), error.message, one.position))
        except (AssertionError, KeyError, TypeError, ValueError) as error:  # a forged event can lack anything
            found.append(Mismatch(_at(one, named), f"cannot be replayed ({type(error).__name__})", one.position))
    return found


def _naming(histories: Histories) -> Named:
    """What a history is called: its model's name as the rows have it, with the id, since a row can be forged."""

    @cache
    def named(history: str) -> str:
        rows = histories.rows(ModelRow, history)
        return f"of {one_line(rows[0].name)} ({history})" if rows else history

    return named


def _at(one: Stored | Break, named: Named) -> str:
    return f"position {one.position:,}, history {named(one.history)} at {one.sequence}"


def _standing(histories: Histories, position: int) -> Stored | None:
    """What stands at a position now."""
    page = next(iter(histories.pages(after=position - 1)), ())
    return next((Stored(*one) for one in page if one[0] == position), None)


def _compared(owner: str, replayed: Replayed, histories: Histories, named: Named) -> list[Mismatch]:
    """Where stored rows and replayed rows differ."""
    found: list[Mismatch] = []
    for kind in ROWS:
        if (owner_column(kind) is None) != (owner == REGISTRY):
            continue
        stored = {row.key: row for row in histories.rows(kind, owner)}
        made = replayed.rows[kind.TABLE]
        for key in sorted(stored.keys() | made.keys()):
            problem = _difference(stored.get(key), made.get(key))
            if problem:
                of = "" if owner == REGISTRY else f", history {named(owner)}"
                found.append(Mismatch(f"{kind.TABLE} {'/'.join(map(str, key))}{of}", problem))
    return found


def _difference(stored: Row | None, made: Row | None) -> str:
    if stored == made:
        return ""
    if stored is None:
        return "is missing; its history has it"
    if made is None:
        return "is in no history"
    names = [one.name for one in fields(stored) if getattr(stored, one.name) != getattr(made, one.name)]
    return f"differs from its history in {', '.join(names)}" if names else ""


def _clock_note(one: SetBack) -> str:
    dated, after = (f"{time:%Y-%m-%d %H:%M}" for time in (one.dated, one.after))
    return f"the event at position {one.position:,} is dated {dated}, though {after} was past: a clock was set back"


def _gaps(chain: Chain) -> list[Mismatch]:
    if chain.events == chain.position:
        return []
    problem = f"{chain.events:,} events stand at positions up to {chain.position:,}: some are missing"
    return [Mismatch("positions", problem, chain.first_gap)]


def _is_edited(text: Text) -> bool:
    return not is_salted(text.digest, text.text, text.salt)


def _misnamed(people: Mapping[str, Person], bound: Sequence[Binding]) -> Iterator[Mismatch]:
    """Names that are not those that events bind, each told once, and names that are found by another spelling."""
    told: set[str] = set()
    for one in sorted(bound, key=lambda one: one.position):
        problem = problem_of(people.get(one.id), one.digest)
        if problem and one.id not in told:
            told.add(one.id)
            yield Mismatch(f"name of actor {one.id}, bound at position {one.position:,}", problem, one.position)
    for person in people.values():
        if person.name is not None and person.folded != folded(person.name):
            yield Mismatch(f"name of actor {person.id}", "is found by another name than its own")


def _notes_on_names(people: Mapping[str, Person], bound: Sequence[Binding]) -> Iterator[str]:
    ids = {one.id for one in bound}
    unbound = sum(1 for one in people.values() if one.name is not None and one.id not in ids)
    erased = sum(1 for one in people.values() if one.name is None)
    if unbound:
        yield f"names not bound: {unbound:,} of {len(people):,}, from before names were; nb-mlops checkpoint binds them"
    if erased:
        yield f"names erased: {erased:,} of {len(people):,}"
    for names in spelt_alike(people.values())[:_MOST_NOTES]:
        told = " and ".join(repr(name[:80]) for name in names[:4])
        yield f"{told} are identities of their own, from before spellings were one: [people] in the policy joins them"
