"""`as_of`: what stood behind an alias on a day, from the events up to then and from nothing else.

events up to the moment ──> rows of that day ──> where the alias pointed, stakes, policy, evidence, findings
events up to its promotion ──> rows just before it ──> whose approvals counted, by the gate's own rule
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import takewhile

from nb_mlops.actions.connect import current
from nb_mlops.actions.find import check_alias, find_model
from nb_mlops.actions.registry import Registry
from nb_mlops.core.as_of import AsOf, Measured, Signed
from nb_mlops.core.decision import Decision
from nb_mlops.core.errors import BadInput
from nb_mlops.core.event import REGISTRY, Event
from nb_mlops.core.gate import current_evidence, gather
from nb_mlops.core.gate.approvals import sorted_votes
from nb_mlops.core.gate.evidence import open_findings
from nb_mlops.core.held_out import why_not_held_out
from nb_mlops.core.moments import When, last_moment
from nb_mlops.core.policy import Policy
from nb_mlops.core.policy.in_force import in_force
from nb_mlops.core.ref import Ref
from nb_mlops.core.replayed import Replayed
from nb_mlops.core.rows import AliasRow, ModelRow, MoveRow, PolicyRow, ValidationRow, VersionRow
from nb_mlops.core.validation import CheckResult


def as_of(ref: str, when: When, *, registry: Registry | str | None = None) -> AsOf:
    """What stood behind an alias on a day: version, evidence, approvals that counted, who moved it and why, policy.

    `ref` is `churn@production`; of a bare `churn` it is production. A day without a time means its end, in UTC.
    """
    place = current(registry)
    parsed, moment = Ref.parse(str(ref)), last_moment(when)
    if parsed.number is not None or parsed.is_latest:
        raise BadInput(f"{parsed} is a version, not an alias.", f"Ask for an alias: {parsed.name}@production")
    alias = parsed.alias or "production"
    model = find_model(place, parsed.name)
    events = list(_together(place.catalog.events(REGISTRY), place.catalog.events(model.id)))
    check_alias(place, alias)
    before = list(takewhile(lambda event: event.time <= moment, events))
    then = _Day(place, model, alias, moment, before, _replayed(before))
    is_future = moment > place.catalog.now()
    later = events[len(before) :]
    return then.told("that is not over yet: this is what stands now" if is_future else _came_next(model, alias, later))


def refuse_beside(given: Mapping[str, object]) -> None:
    """Raises BadInput for filters beside a day: one answer is about a moment, the other about a time."""
    beside = [f"--{name}" for name, value in given.items() if value]
    if beside:
        raise BadInput(f"--as-of is about one moment, so {beside[0]} has no meaning.", "Give one or the other.")


@dataclass(frozen=True)
class _Day:
    """The registry as it was, and what is asked about it."""

    place: Registry
    model: ModelRow  # as it is now: its id and name
    alias: str
    moment: datetime
    events: list[Event]  # up to then, of the registry and of the model
    facts: Replayed

    def told(self, next_note: str) -> AsOf:
        """The answer."""
        model = self.facts.get(ModelRow, self.model.id)
        pointing = self.facts.get(AliasRow, self.model.id, self.alias)
        policy = in_force(self.facts)
        asked = policy.requirements(self.model.name, model.stakes, self.alias).to_dict() if model else {}
        common = {
            "name": self.model.name,
            "alias": self.alias,
            "moment": self.moment,
            "stakes": model.stakes if model else "",
            "policy": self._policy(policy),
            "asked": asked,
            "owner": self.place.text(model.owner) if model else "",
            "purpose": self.place.text(model.purpose) if model else "",
        }
        if model is None or pointing is None:
            return AsOf(**common, notes=(next_note,) if next_note else ())  # type: ignore[arg-type]  # a dict of fields
        return self._standing(common, pointing, next_note)

    def _standing(self, common: dict[str, object], pointing: AliasRow, next_note: str) -> AsOf:
        version = self.facts.get(VersionRow, self.model.id, pointing.number)
        moves = self.facts.find(MoveRow, model=self.model.id, alias=self.alias, number=pointing.number)
        assert version is not None, "an alias points to a version that was registered"
        last, name = moves[-1], self.model.name
        promotion = next((move for move in reversed(moves) if move.kind == "promoted"), None)
        return AsOf(
            **common,  # type: ignore[arg-type]  # a dict of fields
            ref=f"{name}@{version.number}",
            digest=version.digest,
            registered=f"by {self._who(version.actor)}, {version.created_at:%Y-%m-%d %H:%M}",
            moved=f"{_how(last)} by {self._who(last.actor)}, {last.at:%Y-%m-%d %H:%M}",
            reason=self.place.text(last.reason),
            previous=f"{name}@{last.previous}" if last.previous else None,
            decision=self._decision(promotion) if promotion else None,
            evidence=tuple(self._measured(row, version) for row in self._evidence(version)),
            approvals=self._approvals(promotion, version) if promotion else (),
            findings=tuple(self._findings(version)),
            notes=(next_note,) if next_note else (),
        )

    def _policy(self, policy: Policy) -> str:
        row = self.facts.last(PolicyRow)
        if row is None:
            return "the default"
        return f"{policy.digest[:12]}, applied by {self._who(row.actor)}, {row.at:%Y-%m-%d %H:%M}"

    def _evidence(self, version: VersionRow) -> list[ValidationRow]:
        return current_evidence(version, self.facts.find(ValidationRow, model=self.model.id, number=version.number))

    def _measured(self, row: ValidationRow, version: VersionRow) -> Measured:
        results = map(CheckResult.from_dict, row.results)
        checks = tuple(f"{one.mark} {one.check}" for one in results)
        why = why_not_held_out(row.data, row.metrics, version.trained_on)
        data = row.data_name or row.data[:12]
        return Measured(row.at, self._who(row.actor), row.passed, row.rows, row.attempt, data, checks, why)

    def _decision(self, promotion: MoveRow) -> Decision | None:
        event = next(event for event in self.events if event.id == promotion.event)
        recorded = event.body.get("decision")
        return Decision.from_dict(recorded) if recorded else None

    def _approvals(self, promotion: MoveRow, version: VersionRow) -> tuple[Signed, ...]:
        """Whose approvals counted in the moment of the promotion, by the rule that decided then."""
        facts = _replayed(takewhile(lambda event: event.id != promotion.event, self.events))
        model, policy = facts.get(ModelRow, self.model.id), in_force(facts)
        assert model is not None, "a promoted version has a model"
        requirements = policy.requirements(self.model.name, model.stakes, self.alias)
        evidence = gather(facts, policy, requirements, model, version, self.alias)
        counted, _, _ = sorted_votes(requirements, evidence, promotion.at)
        return tuple(Signed(vote.at, self._who(vote.actor), self.place.text(vote.comment)) for vote in counted)

    def _findings(self, version: VersionRow) -> Iterator[str]:
        for row in open_findings(self.facts, version):
            title = self.place.text(row.title)
            yield f"{row.severity}, by {self._who(row.actor)}, {row.at:%Y-%m-%d}" + (f" “{title}”" if title else "")

    def _who(self, actor: str) -> str:
        return self.place.find_name(actor)


def _how(move: MoveRow) -> str:
    if move.kind == "rolled_back":
        return "rolled back"
    return "promoted by BROKEN GLASS" if move.glass else "promoted"


def _together(*histories: Iterable[Event]) -> Iterator[Event]:
    """The events of several histories in commit order."""
    return merge(*histories, key=lambda event: event.position)


def _replayed(events: Iterable[Event]) -> Replayed:
    made = Replayed()
    for event in events:
        made.add(event)
    return made


def _came_next(model: ModelRow, alias: str, later: list[Event]) -> str:
    """When something first stood there after that day, or was moved again; empty where nothing did."""
    moved = next((one for one in later if one.kind in ("promoted", "rolled_back") and one.body["alias"] == alias), None)
    if moved is None:
        return ""
    return f"next: {model.name}@{moved.body['number']} became {alias}, {moved.time:%Y-%m-%d %H:%M}"
