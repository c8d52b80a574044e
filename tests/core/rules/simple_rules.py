"""The rules once more, simply: from the table of stakes and the words of the issue, without a look at the code.

One alias, `production`. Every version comes with a baseline, an owner and a purpose. `Rules` says of each act what must
come of it: the kind of event it records, `same` where nothing is left to do, or `no`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

LEVELS = ("low", "medium", "high")
PERSON = {"robert": "bob"}  # one person, two identities
POLICIES = {  # approvals before production at medium and at high
    "default": {"low": 0, "medium": 1, "high": 2},
    "more at medium": {"low": 0, "medium": 2, "high": 2},
    "more at high": {"low": 0, "medium": 1, "high": 3},
}


def person(identity: str) -> str:
    return PERSON.get(identity, identity)


@dataclass
class Version:
    by: str
    content: int
    state: str = "live"
    checks: list[tuple[str, str, bool, float]] = field(default_factory=list)  # who, data, passed, day
    votes: dict[str, tuple[str, Any, float]] = field(default_factory=dict)  # person -> verdict, what it binds, day
    last_word: dict[str, tuple[int, str]] = field(default_factory=dict)  # identity -> when, yes or no
    asked: set[str] = field(default_factory=set)
    touched: bool = False  # somebody else's word or a move stands on it
    critical: int = 0
    card: bool = False
    was_live: bool = False
    approved_at: int = -1  # the highest level at which it passed a gate that asked for approvals


@dataclass
class Rules:
    """What is known of one model, and the policy."""

    day: float = 0
    policy: str = "default"
    policy_wishes: dict[str, list[str]] = field(default_factory=dict)
    versions: list[Version] = field(default_factory=list)
    stakes: str = "low"
    stakes_by: str = ""
    stakes_floor: str = "low"
    decided: bool = False  # since the stakes were set
    in_use: bool = False  # somebody claimed or decided something under the policy
    wishes: dict[str, list[str]] = field(default_factory=dict)
    words: int = 0  # said for or against, so far
    live: int | None = None
    glass: str | None = None  # who broke it, until it is reviewed
    tickets: set[str] = field(default_factory=set)

    @property
    def needed(self) -> int:
        return POLICIES[self.policy][self.stakes]

    def version(self, number: int) -> Version | None:
        found = self.versions[number - 1] if 0 < number <= len(self.versions) else None
        return found if found and found.state == "live" else None

    # ------------------------------------------------------------------------------------------------ the gate

    def binds(self, version: Version) -> Any:
        """What a signature is bound to: how often it was measured, and what is asked."""
        return len(version.checks), self.stakes, self.needed

    def counts(self, version: Version, who: str) -> bool:
        """Whether somebody's yes would count."""
        if person(who) == person(version.by):
            return False
        return self.stakes != "high" or not self.took_part(version, who)

    def same(self, version: Version) -> list[Version]:
        """Every version with these very bytes."""
        return [one for one in self.versions if one.content == version.content]

    def took_part(self, version: Version, who: str) -> bool:
        asked = {one for twin in self.same(version) for one in twin.asked}
        return person(who) in {person(twin.by) for twin in self.same(version)} | asked

    def spoken_against(self, version: Version) -> bool:
        """An open critical finding on these bytes, or a no that who said it has not taken back."""
        words = sorted((word for twin in self.same(version) for word in twin.last_word.items()), key=lambda one: one[1])
        last = {who: verdict for who, (_, verdict) in words}
        return any(twin.critical for twin in self.same(version)) or "no" in last.values()

    def is_open(self, version: Version) -> bool:
        if self.spoken_against(version) or self.glass:
            return False
        if self.stakes == "low":
            return True
        latest = {data: (who, passed, day) for who, data, passed, day in version.checks if data != "training"}
        if not latest or not all(passed for _, passed, _ in latest.values()):
            return False
        yes = [
            who
            for who, (verdict, bound, day) in version.votes.items()
            if verdict == "yes"
            and self.counts(version, who)
            and bound == self.binds(version)
            and not (self.stakes == "high" and int(self.day - day) > 30)
        ]
        if len(yes) < self.needed:
            return False
        return self.stakes == "medium" or self._high(version)

    def _high(self, version: Version) -> bool:
        """Re-run by another person, fresh, and a card that people wrote."""
        held_out = [check for check in self._latest(version) if check[1] != "training"]
        others = [check for check in held_out if not self.took_part(version, check[0])]
        number = self.versions.index(version)
        has_card = any(one.card for one in self.versions[: number + 1])
        return bool(others) and has_card and all(int(self.day - check[3]) <= 90 for check in (held_out[-1], others[-1]))

    @staticmethod
    def _latest(version: Version) -> list[tuple[str, str, bool, float]]:
        last = {check[1]: place for place, check in enumerate(version.checks)}
        return [version.checks[place] for place in sorted(last.values())]

    # ------------------------------------------------------------------------------------------------ the acts

    def register(self, who: str, content: int) -> str:
        if not self.versions:
            self.stakes_by = who
        self.versions.append(Version(who, content))
        return "registered"

    def discard(self, who: str, number: int) -> str:
        version = self.version(number)
        if version is None or version.by != who or version.touched:
            return "no"
        version.state = "discarded"
        return "discarded"

    def retire(self, number: int) -> str:
        version = self.version(number)
        if version is None or self.live == number:
            return "no"
        version.state = "retired"
        return "retired"

    def validate(self, who: str, number: int, data: str, passed: bool) -> str:
        version = self.version(number)
        if version is None:
            return "no"
        version.checks.append((who, data, passed, self.day))
        self.in_use |= passed
        version.touched |= who != version.by
        return "validated"

    def write_card(self, number: int) -> str:
        version = self.version(number)
        if version is None:
            return "no"
        version.card = True
        return "card_edited"

    def vote(self, who: str, number: int, verdict: str) -> str:
        version = self.version(number)
        if version is None:
            return "no"
        if verdict == "yes" and self.needed and not (version.checks and self.counts(version, who)):
            return "no"
        version.touched = self.in_use = True
        self.words += 1
        version.last_word[who] = (self.words, verdict)
        version.votes[person(who)] = (verdict, self.binds(version), self.day)
        return "approved" if verdict == "yes" else "rejected"

    def ask(self, who: str, number: int) -> str:
        version = self.version(number)
        if version is None:
            return "no"
        version.asked.add(person(who))
        version.touched = self.in_use = True
        return "requested"

    def promote(self, who: str, number: int, ticket: str | None) -> str:
        version = self.version(number)
        if version is None:
            return "no"
        if number == self.live:
            return "same"
        is_open = self.is_open(version)
        if self.live is not None and number < self.live and (ticket is None or is_open):
            return "no"
        if not is_open:
            if ticket is None or self.stakes == "low" or self.glass or ticket in self.tickets:
                return "no"
            self.glass = who
            self.tickets.add(ticket)
        if is_open and self.needed > 0:
            version.approved_at = max(version.approved_at, LEVELS.index(self.stakes))
        self._move(version, number)
        return "promoted"

    def roll_back(self, number: int) -> str:
        if self.live is None or not (0 < number <= len(self.versions)) or not self.versions[number - 1].was_live:
            return "no"
        if number == self.live:
            return "same"
        version = self.version(number)
        if version is None or (self.stakes != "low" and self.spoken_against(version)):
            return "no"
        is_fit = version.approved_at >= LEVELS.index(self.stakes) or self.is_open(version)
        if self.stakes != "low" and not is_fit:
            return "no"
        self._move(version, number)
        return "rolled_back"

    def _move(self, version: Version, number: int) -> None:
        version.was_live = version.touched = True
        self.live, self.decided, self.in_use = number, True, True

    def set_stakes(self, who: str, level: str) -> str:
        up, now = LEVELS.index(level), LEVELS.index(self.stakes)
        if not self.versions or up == now:
            return "no"
        undone = person(who) == person(self.stakes_by) and not self.decided and up >= LEVELS.index(self.stakes_floor)
        if up < now and not undone:
            wishes = self.wishes.setdefault(level, [])
            known = who in wishes
            persons = list(dict.fromkeys(person(one) for one in [*wishes, who]))
            if len(persons) - 1 < self.needed:
                wishes += [] if known else [who]
                return "same" if known else "lowering_asked"
        self.stakes_floor = LEVELS[min(up, now)]
        self.stakes, self.stakes_by, self.decided, self.wishes = level, who, False, {}
        return "described"

    def apply(self, who: str, policy: str) -> str:
        if policy == self.policy:
            return "same"
        is_less = self.in_use and POLICIES[policy][self.stakes] < self.needed
        wishes = self.policy_wishes.setdefault(policy, [])
        persons = list(dict.fromkeys(person(one) for one in [*wishes, who]))
        if is_less and len(persons) - 1 < self.needed:
            known = who in wishes
            wishes += [] if known else [who]
            return "same" if known else "policy_proposed"
        self.policy, self.policy_wishes = policy, {}
        return "policy_applied"

    def open_finding(self, who: str, number: int, critical: bool) -> str:
        version = self.version(number)
        if version is None:
            return "no"
        version.critical += critical
        version.touched |= who != version.by
        return "finding_opened"

    def close_finding(self, who: str, number: int) -> str:
        if not (0 < number <= len(self.versions)) or not self.versions[number - 1].critical:
            return "no"
        if self.stakes == "high" and person(who) in {person(one.by) for one in self.same(self.versions[number - 1])}:
            return "no"
        self.versions[number - 1].critical -= 1
        return "finding_closed"

    def review(self, who: str) -> str:
        if self.glass is None or person(who) == person(self.glass):
            return "no"
        self.glass = None
        return "reviewed"
