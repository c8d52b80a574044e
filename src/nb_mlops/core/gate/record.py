"""What else must stand on record: baseline, card, monitoring, no open critical finding, no unreviewed emergency."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from nb_mlops.core.canonical import digest
from nb_mlops.core.decision import Reason
from nb_mlops.core.gate.evidence import Evidence, is_fresh
from nb_mlops.core.policy import Requirements
from nb_mlops.core.rows import CardTextRow


def not_retired(evidence: Evidence) -> list[Reason]:
    """What is at its end goes nowhere any more: said first, since nothing else can be supplied."""
    if not evidence.retired:
        return []
    detail = f"{evidence.retired} was retired: nothing can be promoted"
    return [Reason("not retired", False, detail, f"See %audit {evidence.name}; a mended model takes another name.")]


def baseline(requirements: Requirements, evidence: Evidence, now: datetime) -> list[Reason]:
    """The profile of the training data, where it is asked for."""
    if not requirements.baseline:
        return []
    there = evidence.version.baseline is not None
    how = "Register it with its training data: %%register … --data X,y"
    return [Reason("a baseline to see drift from", there, "kept" if there else "none", how)]


def card(requirements: Requirements, evidence: Evidence, now: datetime) -> list[Reason]:
    """The sections of the card that a person has to fill."""
    if not requirements.card:
        return []
    filled = {section for section, row in evidence.card.items() if row.filled}
    if evidence.purpose:
        filled.add("intended_use")
    missing = [section for section in requirements.card if section not in filled]
    title = "the model card"
    if not missing:
        sections = "section" if len(requirements.card) == 1 else "sections"
        said = f"{len(requirements.card)} {sections} filled by a person"
        edited = edited_since_signed(evidence)
        return [Reason(title, True, f"{said}; {edited}" if edited else said)]
    how = f"Somebody who knows writes it: %%card {evidence.ref} --section {missing[0]}"
    return [Reason(title, False, f"nobody has written {', '.join(missing)}", how)]


def card_digest(card: Mapping[str, CardTextRow]) -> str | None:
    """What tells two states of a card's written sections apart: a signature records it; None of an empty card."""
    return digest({section: row.text for section, row in card.items()}) if card else None


def edited_since_signed(evidence: Evidence) -> str:
    """Which sections were edited after somebody approved, and when: that voids nothing, and must not go unseen."""
    now = card_digest(evidence.card)
    approvals = [vote for vote in evidence.votes if vote.verdict == "approved" and vote.card not in (None, now)]
    if not approvals:
        return ""
    first = min(vote.at for vote in approvals)
    sections = sorted((row.at, section) for section, row in evidence.card.items() if row.at >= first)
    told = ", ".join(f"{section} on {at:%Y-%m-%d %H:%M}" for at, section in sections) or "taken away"
    count = len({vote.actor for vote in approvals})
    return f"edited after {count} {'signature' if count == 1 else 'signatures'}: {told}"


def watched(requirements: Requirements, evidence: Evidence, now: datetime) -> list[Reason]:
    """What is live now was watched: whoever does not watch the old version will not watch the new one."""
    days = requirements.monitor_days
    if days is None:
        return []
    title = "drift is watched"
    if evidence.live is None:
        return [Reason(title, True, f"nothing is {evidence.alias} yet")]
    name = evidence.ref.partition("@")[0]
    how = f"Watch it: %drift {name}@{evidence.alias} new_data --record"
    if evidence.window is None:
        return [Reason(title, False, f"@{evidence.live} was never watched", how)]
    age = max(0, (now - evidence.window.at).days)
    met = is_fresh(evidence.window.at, days, now)
    ahead = age <= days and not met
    told = "by a clock that was set back since" if ahead else f"{age} days ago, at most {days}"
    return [Reason(title, met, f"@{evidence.live} was watched {told}", how)]


def findings(requirements: Requirements, evidence: Evidence, now: datetime) -> list[Reason]:
    """An open critical finding closes the gate at every level; others are said."""
    if not evidence.findings:
        return []
    critical = [row for row in evidence.findings if row.severity == "critical"]
    if critical:
        detail = f"{len(critical)} open ({', '.join(f'#{row.sequence}' for row in critical)})"
        how = f'Answer it: %mlops finding close {evidence.name} {critical[0].sequence} -m "…"'
        return [Reason("no open critical finding", False, detail, how)]
    return [Reason("no open critical finding", True, f"{len(evidence.findings)} open, none critical")]


def reviewed(requirements: Requirements, evidence: Evidence, now: datetime) -> list[Reason]:
    """After an emergency nothing more goes through this gate until somebody else has looked at it."""
    glass = evidence.glass
    if glass is None:
        return []
    over = now > glass.expires_at
    state = "overdue" if over else f"due in {_hours(glass.expires_at - now)} h"
    how = f'Somebody else reviews it: %mlops review {evidence.name} -m "…"'
    detail = f"@{glass.number} went live by broken glass ({glass.told_ticket}); its review is {state}"
    return [Reason("no unreviewed emergency", False, detail, how)]


def _hours(left: timedelta) -> int:
    return max(0, int(left.total_seconds() // 3600))
