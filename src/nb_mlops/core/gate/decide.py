"""The decision itself: every requirement asked once, in the order people supply them."""

from __future__ import annotations

from datetime import datetime

from nb_mlops.core.decision import Decision, Reason
from nb_mlops.core.gate.approvals import approved, not_rejected
from nb_mlops.core.gate.evidence import Evidence
from nb_mlops.core.gate.record import baseline, card, findings, not_retired, reviewed, watched
from nb_mlops.core.gate.validations import validated
from nb_mlops.core.policy import Requirements


def decide(requirements: Requirements, evidence: Evidence, now: datetime) -> Decision:
    """What the policy asks of this version for this alias, and whether it is there."""
    asked = (validated, baseline, card, watched, approved)
    always = (findings, reviewed, not_rejected)
    reasons: list[Reason] = not_retired(evidence)
    for look in (*asked, *always):
        reasons += look(requirements, evidence, now)
    return Decision(evidence.ref, evidence.alias, evidence.stakes, tuple(reasons))
