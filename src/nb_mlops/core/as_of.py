"""What stood behind an alias on a day: the version, why it was there, on what evidence, and who had agreed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from nb_mlops.core.decision import Decision
from nb_mlops.core.event import stamp
from nb_mlops.core.printable import one_line
from nb_mlops.core.shown import Json, Shown

_WHOLE = 20_000  # no longer text can be stored


@dataclass(frozen=True, slots=True)
class Measured:
    """The latest validation on one data set, as of the day."""

    at: datetime
    by: str
    passed: bool
    rows: int
    attempt: int
    data: str  # its name, else the first digits of its fingerprint
    checks: tuple[str, ...]  # each with its verdict: ✓, ✗, or – where it could not be judged
    not_held_out: str = ""  # why these rows show nothing

    def to_dict(self) -> dict[str, Json]:
        """The validation as JSON."""
        return {
            "at": stamp(self.at),
            "by": self.by,
            "passed": self.passed,
            "rows": self.rows,
            "attempt": self.attempt,
            "data": self.data,
            "checks": list(self.checks),
            "not_held_out": self.not_held_out,
        }


@dataclass(frozen=True, slots=True)
class Signed:
    """An approval that counted when the version was promoted."""

    at: datetime
    by: str
    comment: str

    def to_dict(self) -> dict[str, Json]:
        """The approval as JSON."""
        return {"at": stamp(self.at), "by": self.by, "comment": self.comment}


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class AsOf(Shown):
    """An alias on a day; `ref` is None where nothing stood behind it."""

    kind: ClassVar[str] = "as-of"
    name: str
    alias: str
    moment: datetime
    stakes: str  # the model's, then; empty before there was one
    policy: str  # 'the default', or its digest and since when
    asked: Mapping[str, Any] = field(default_factory=dict)  # what that policy asked of this alias at these stakes
    owner: str = ""
    purpose: str = ""
    ref: str | None = None
    digest: str = ""
    registered: str = ""  # by whom and when
    moved: str = ""  # how, by whom and when it came there
    reason: str = ""
    previous: str | None = None
    decision: Decision | None = None  # as recorded when it was promoted
    evidence: tuple[Measured, ...] = ()
    approvals: tuple[Signed, ...] = ()
    findings: tuple[str, ...] = ()  # open ones, then
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The alias, the day, and what stood there."""
        return f"{self.name}@{self.alias} as of {self.moment:%Y-%m-%d %H:%M:%S} UTC: {self.ref or 'nothing'}"

    def lines(self) -> list[tuple[str, str]]:
        """What there is to say, under its name."""
        about = f"{self.stakes or 'no'} stakes" + (f", owner {self.owner}" if self.owner else "")
        found = [
            ("moved", self.moved + (f" “{self.reason}”" if self.reason else "")),
            ("before", self.previous or ("" if self.ref is None else "nothing")),
            ("model", about if self.stakes else "there was none yet"),
            ("purpose", self.purpose),
            ("artifact", f"{self.digest[:16]}…, registered {self.registered}" if self.digest else ""),
            ("policy", self.policy),
            ("asked", self._asked() if self.stakes else ""),
        ]
        found += [("approved", _signature(one)) for one in self.approvals]
        found += [("measured", _measurement(one)) for one in self.evidence]
        found += [("open finding", one) for one in self.findings]
        return [(name, one_line(text, most=_WHOLE)) for name, text in found if text]

    def _asked(self) -> str:
        asked = (f"{key.replace('_', ' ')} {_plain(value)}" for key, value in self.asked.items())
        return ", ".join(asked) or "nothing"

    def to_text(self) -> str:
        """The title, a line for each thing, and the gate as it was."""
        lines = [self.title, *(f"  {name:<12}  {text}" for name, text in self.lines())]
        if self.decision is not None:
            lines += [f"  {line}" for line in self.decision.to_text().splitlines()]
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])

    def to_dict(self) -> dict[str, Json]:
        """All of it as JSON."""
        return {
            "name": self.name,
            "alias": self.alias,
            "moment": stamp(self.moment),
            "ref": self.ref,
            "digest": self.digest,
            "registered": self.registered,
            "moved": self.moved,
            "reason": self.reason,
            "previous": self.previous,
            "stakes": self.stakes,
            "owner": self.owner,
            "purpose": self.purpose,
            "policy": self.policy,
            "asked": dict(self.asked),
            "decision": self.decision.to_dict() if self.decision else None,
            "approvals": [one.to_dict() for one in self.approvals],
            "evidence": [one.to_dict() for one in self.evidence],
            "findings": list(self.findings),
            "notes": list(self.notes),
        }


def _signature(one: Signed) -> str:
    return f"by {one.by}, {one.at:%Y-%m-%d %H:%M}" + (f" “{one.comment}”" if one.comment else "")


def _measurement(one: Measured) -> str:
    word = "✓ passed" if one.passed else "✗ failed"
    unjudged = sum(check.startswith("–") for check in one.checks)
    word += f", {unjudged} of {len(one.checks)} could not be judged," if unjudged else ""
    word += f" (no evidence: {one.not_held_out})" if one.not_held_out else ""
    about = f"{word} on {one.rows:,} rows of {one.data} (attempt {one.attempt}), by {one.by}, {one.at:%Y-%m-%d %H:%M}"
    return f"{about}: {', '.join(one.checks)}" if one.checks else about


def _plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    return "yes" if value is True else str(value)
