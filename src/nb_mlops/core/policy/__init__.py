"""What each stakes level asks for: at registration, and before a guarded alias may move. The ceremony fits the stakes.

    stakes        low, medium, high
    requirements  what must be there before one alias may move; what a level asks for at registration
    book          the policy: levels, teams, roles, people; who asks what of a model
    defaults      the policy of a registry where nobody applied another
    file          a policy as TOML: read with errors that help, written again
    order         whether one policy asks less than another, and where

Whether a version meets it is `gate.decide`.
"""

from nb_mlops.core.policy.book import Policy, Roles, team_of
from nb_mlops.core.policy.defaults import DEFAULT
from nb_mlops.core.policy.requirements import Level, Requirements, lacking
from nb_mlops.core.policy.stakes import LEVELS, Stakes, is_higher, stakes

__all__ = [
    "DEFAULT",
    "LEVELS",
    "Level",
    "Policy",
    "Requirements",
    "Roles",
    "Stakes",
    "is_higher",
    "lacking",
    "stakes",
    "team_of",
]
