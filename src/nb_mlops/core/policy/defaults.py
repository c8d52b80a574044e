"""The policy of a registry where nobody applied another: the table of docs/how_it_works.md, as values."""

from __future__ import annotations

from types import MappingProxyType

from nb_mlops.core.card_text import PERSON_SECTIONS
from nb_mlops.core.policy.book import Policy
from nb_mlops.core.policy.requirements import Level, Requirements

DEFAULT = Policy(
    MappingProxyType(
        {
            "low": Level(retention_days=30, aliases={"production": Requirements(), "staging": Requirements()}),
            "medium": Level(
                owner_and_purpose=True,
                uses=True,
                retention_days=5 * 365,
                aliases={
                    "production": Requirements(
                        validation=True,
                        held_out=True,
                        evidence_days=180,
                        approvals=1,
                        card=("intended_use",),
                        rollback_to_approved=True,
                        break_glass="ticket",
                    ),
                    "staging": Requirements(),
                },
            ),
            "high": Level(
                owner_and_purpose=True,
                traceable=True,
                no_code=True,
                uses=True,
                retention_days=10 * 365,
                aliases={
                    "production": Requirements(
                        validation=True,
                        held_out=True,
                        validated_by_other=True,
                        evidence_days=90,
                        evidence_expires=True,
                        evidence_reason="people and their circumstances change with the seasons",
                        approvals=2,
                        independent=True,
                        approval_days=30,
                        comment=True,
                        card=PERSON_SECTIONS,
                        baseline=True,
                        rollback_to_approved=True,
                        break_glass="ticket",
                    ),
                    "staging": Requirements(validation=True),
                },
            ),
        }
    )
)
