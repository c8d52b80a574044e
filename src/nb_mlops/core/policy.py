"""What each stakes level asks for: at registration, and before a guarded alias may move.

The ceremony fits the stakes: `low` asks nothing, `medium` a passed validation and a second person,
`high` checks run by somebody else and two independent persons. Whether a version meets it is `decision.decide`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

from nb_mlops.core.canonical import digest
from nb_mlops.core.errors import BadInput, near

Stakes = Literal["low", "medium", "high"]
LEVELS: tuple[Stakes, ...] = get_args(Stakes)


def stakes(text: str) -> Stakes:
    """The stakes level that `text` names; raises BadInput."""
    for level in LEVELS:
        if text == level:
            return level
    raise BadInput(
        f"{str(text)[:40]!r} is not a stakes level.", f"{near(str(text), LEVELS)} low, medium or high.".strip()
    )


def is_higher(one: Stakes, other: Stakes) -> bool:
    """Whether `one` asks for more than `other`."""
    return LEVELS.index(one) > LEVELS.index(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """What must be there before one alias may move at one stakes level."""

    validation: bool = False  # the latest validation of each data set passed
    held_out: bool = False  # ... on data the model was not trained on
    validated_by_other: bool = False  # ... by somebody other than who registered the version
    evidence_days: int | None = None  # ... not longer ago than this
    evidence_expires: bool = False  # older evidence closes the gate; otherwise it is a warning
    approvals: int = 0  # by persons other than who registered it
    independent: bool = False  # ... nor by who asked for it, validated it or moves it

    @property
    def digest(self) -> str:
        """What an approval binds: when the requirements change, it no longer counts."""
        return digest(asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One stakes level of a policy."""

    owner_and_purpose: bool = False  # asked for at registration
    traceable: bool = False  # training data and environment must be known
    no_code: bool = False  # formats that run code when loaded are refused
    aliases: Mapping[str, Requirements] = field(default_factory=dict)

    def for_alias(self, alias: str) -> Requirements:
        """The requirements of an alias; one that no policy names asks for nothing."""
        return self.aliases.get(alias, Requirements())


@dataclass(frozen=True, slots=True)
class Policy:
    """The levels of all stakes, and the aliases it names."""

    levels: Mapping[str, Level]

    def level(self, stakes: str) -> Level:
        """The level of `stakes`."""
        return self.levels[stakes]

    @property
    def aliases(self) -> frozenset[str]:
        """Every alias that some level names."""
        return frozenset(alias for level in self.levels.values() for alias in level.aliases)


DEFAULT = Policy(
    MappingProxyType(
        {
            "low": Level(aliases={"production": Requirements(), "staging": Requirements()}),
            "medium": Level(
                owner_and_purpose=True,
                aliases={
                    "production": Requirements(validation=True, held_out=True, evidence_days=180, approvals=1),
                    "staging": Requirements(),
                },
            ),
            "high": Level(
                owner_and_purpose=True,
                traceable=True,
                no_code=True,
                aliases={
                    "production": Requirements(
                        validation=True,
                        held_out=True,
                        validated_by_other=True,
                        evidence_days=90,
                        evidence_expires=True,
                        approvals=2,
                        independent=True,
                    ),
                    "staging": Requirements(validation=True),
                },
            ),
        }
    )
)
