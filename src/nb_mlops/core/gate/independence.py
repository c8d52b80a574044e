"""Who took part in a version: their approval is not independent, and neither is what they measured of it."""

from __future__ import annotations

from nb_mlops.core.gate.evidence import Evidence


def part_taken(actor: str, evidence: Evidence) -> str:
    """What part this person took in these bytes or in asking for them; empty for who took none."""
    person = evidence.policy.person
    who, version = person(actor), evidence.version
    if who == person(version.actor):
        return "one's own does not count"
    if version.author and who == person(version.author):
        return "its author's does not count"
    if who in {person(one) for one in evidence.made_by}:
        return "one by who registered the same artifact does not count"
    if who in {person(vote.actor) for vote in evidence.votes if vote.verdict == "requested"}:
        return "one by who asked for it does not count"
    return ""
