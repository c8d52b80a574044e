"""What a policy says, and what changes with another one: values that show themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from nb_mlops.core.policy.book import Policy
from nb_mlops.core.policy.file import write_policy
from nb_mlops.core.policy.order import Looser, looser
from nb_mlops.core.shown import Json, Shown


@dataclass(frozen=True, slots=True, repr=False)
class PolicyText(Shown):
    """A policy, as the file that says it."""

    kind: ClassVar[str] = "policy"
    policy: Policy  # with names of people, where they are not erased
    where: str  # whose it is: a registry's, or a file's
    since: str = ""  # who applied it when; empty: the default
    is_file: bool = False  # checked, not in force
    notes: tuple[str, ...] = ()  # what is allowed and should be known

    def to_text(self) -> str:
        """The file's text."""
        about = [f"# {self.heading}", *(f"# note: {note}" for note in self.notes)]
        return "\n".join([*about, write_policy(self.policy)]).rstrip()

    @property
    def heading(self) -> str:
        """Whose policy it is, and whether it holds."""
        if self.is_file:
            return f"{self.where} can be applied; it is not in force yet. It says, with what it takes from the default:"
        return f"in force in {self.where}: {self.since or 'the default, nobody applied another'}"

    def to_dict(self) -> dict[str, Json]:
        """The policy as JSON."""
        said: Any = self.policy.to_dict()
        return {
            "where": self.where,
            "since": self.since,
            "digest": self.policy.digest,
            "policy": said,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True, repr=False)
class PolicyChange(Shown):
    """What differs between the policy in force and another, and whether it was applied."""

    kind: ClassVar[str] = "policy-change"
    stricter: tuple[Looser, ...]  # where the new one asks more: `was` is what it asks, `becomes` what was asked
    looser: tuple[Looser, ...]  # where it asks less
    state: str  # checked, applied, asked for, in force already
    notes: tuple[str, ...] = ()

    @classmethod
    def between(cls, now: Policy, wanted: Policy, state: str, notes: tuple[str, ...] = ()) -> PolicyChange:
        """What differs."""
        return cls(tuple(looser(wanted, now)), tuple(looser(now, wanted)), state, notes)

    def lines(self) -> list[tuple[str, str, str, str]]:
        """Each difference: `+` asks more or `-` asks less, where, what was, what becomes."""
        more = [("+", one.where, one.becomes, one.was) for one in self.stricter]
        return sorted([*more, *(("-", one.where, one.was, one.becomes) for one in self.looser)], key=lambda one: one[1])

    def to_text(self) -> str:
        """A line per difference."""
        told = [f"  {sign} {where}: {was} → {becomes}" for sign, where, was, becomes in self.lines()]
        head = f"policy: {self.state}; {len(self.stricter)} places ask more (+), {len(self.looser)} ask less (-)"
        return "\n".join([head, *told, *(f"  {note}" for note in self.notes)])

    def to_dict(self) -> dict[str, Json]:
        """The differences as JSON."""
        lines: list[Json] = [
            {"asks": "more" if sign == "+" else "less", "where": where, "was": was, "becomes": becomes}
            for sign, where, was, becomes in self.lines()
        ]
        return {"state": self.state, "differences": lines, "notes": list(self.notes)}
