"""What `doctor` found: whether a version still gives the answers that were kept with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from nb_mlops.core.shown import Json, Shown


@dataclass(frozen=True, slots=True, repr=False)
class Diagnosis(Shown):
    """The health of a version under the packages of here and now."""

    kind: ClassVar[str] = "diagnosis"
    ref: str
    differences: tuple[str, ...] | None  # per example row that differs; None: no examples were kept
    packages: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # name -> (then, now), where they differ

    @property
    def healthy(self) -> bool:
        """Whether no kept answer differs; without examples nothing speaks against it."""
        return not self.differences

    @property
    def says_no(self) -> bool:
        """Other answers than then."""
        return not self.healthy

    @property
    def advice(self) -> str:
        """What to do when it is not healthy."""
        then = ", ".join(f"{name}=={old}" for name, (old, _) in self.packages.items())
        return f"Install what it was made with: {then}." if then else "Its packages are the same: look at the data."

    def to_text(self) -> str:
        """What was found, a line each."""
        if self.differences is None:
            lines = [f"{self.ref} loads; no example rows were kept, so its answers cannot be compared"]
        elif self.healthy:
            lines = [f"{self.ref} loads and gives the answers it gave when it was registered"]
        else:
            lines = [
                f"{self.ref} ANSWERS DIFFERENTLY:",
                *(f"  ✗ {one}" for one in self.differences),
                f"  {self.advice}",
            ]
        return "\n".join([*lines, *(f"  {name} was {old}, is {new}" for name, (old, new) in self.packages.items())])

    def to_dict(self) -> dict[str, Json]:
        """The diagnosis as JSON."""
        return {
            "ref": self.ref,
            "healthy": self.healthy,
            "differences": None if self.differences is None else list(self.differences),
            "packages": {name: [old, new] for name, (old, new) in self.packages.items()},
        }
