"""The policy that holds now: the one applied last, or the default."""

from __future__ import annotations

from nb_mlops.core.policy.book import Policy, stored_policy
from nb_mlops.core.policy.defaults import DEFAULT
from nb_mlops.core.rows import Facts, PolicyRow


def in_force(facts: Facts) -> Policy:
    """The policy in force; its identities are the opaque ids of actors."""
    row = facts.last(PolicyRow)
    return stored_policy(row) if row is not None else DEFAULT
