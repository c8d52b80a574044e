"""What a validation found: one result per check, and the report that shows them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, Self

from nb_mlops.core.errors import ChecksFailed
from nb_mlops.core.held_out import why_not_held_out
from nb_mlops.core.printable import one_line
from nb_mlops.core.shown import Json, Shown

Outcome = Literal["passed", "failed", "not applicable", "too few", "not judged"]

MOST_TYPED = 12  # significant digits of a limit that somebody wrote; one that was computed has more

_MARKS: dict[str, str] = {"passed": "✓", "failed": "✗"}  # anything else could not be judged: –


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one check line came out. `value` is what was measured, `limit` what it was held against.

    A check that the policy asks for (`required`) and that cannot be computed on this data is `not judged`: it has not
    passed, since leaving a column out must not be a way around it.
    """

    check: str
    value: float | None
    limit: float | None
    passed: bool
    detail: str
    status: Outcome
    required: bool = False  # by the policy, typed or not

    @property
    def mark(self) -> str:
        """✓ passed, ✗ failed, – could not be judged (what is not applicable or has too few rows counts as passed)."""
        return _MARKS.get(self.status, "–")

    @property
    def is_judged(self) -> bool:
        """Whether it was held against its limit at all."""
        return self.status in _MARKS

    @property
    def shown_value(self) -> str:
        """The value with as many digits as tell it from its limit."""
        return "" if self.value is None else figures(self.value, self.limit)[0]

    def to_dict(self) -> dict[str, Json]:
        """The result as JSON; NaN and infinities are the texts that Python prints for them."""
        return {
            "check": self.check,
            "value": _to_json(self.value),
            "limit": _to_json(self.limit),
            "passed": self.passed,
            "detail": self.detail,
            "status": self.status,
            **({"required": True} if self.required else {}),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """The result that `to_dict` wrote."""
        return cls(
            check=str(stored["check"]),
            value=_from_json(stored.get("value")),
            limit=_from_json(stored.get("limit")),
            passed=bool(stored["passed"]),
            detail=str(stored.get("detail", "")),
            status=stored.get("status") or ("passed" if stored["passed"] else "failed"),
            required=bool(stored.get("required", False)),
        )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ValidationReport(Shown):
    """A run of checks on given data: the evidence that a gate asks for.

    `data` is the fingerprint of the held-out rows, `metrics` all that was measured on them by name, `attempt` the
    how manieth validation of this version on this data it is (None for a draft, which nobody counts), and
    `attempts_in_all` the same over all data sets, of which there were `data_sets` so far. `importance` is by how much
    the metric gets worse when a column is shuffled; `code` digests what measured; `notes` nobody asked for.
    """

    kind: ClassVar[str] = "validation-report"

    ref: str
    results: tuple[CheckResult, ...]
    rows: int
    data: dict[str, Any] = field(default_factory=dict)
    data_name: str | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    segments: dict[str, dict[str, float]] = field(default_factory=dict)
    attempt: int | None = None
    measured_at: datetime | None = None
    draft: bool = False
    on_training_data: bool = False  # measured on the very rows it was fitted on
    attempts_in_all: int | None = None
    data_sets: int | None = None
    importance: dict[str, float] = field(default_factory=dict)
    importance_how: str = ""
    notes: tuple[str, ...] = ()
    code: str | None = None  # sha256 of the checks, one's own scorers and the versions of what computes
    claimed_ci: dict[str, str] | None = None  # provider and run, as the environment says: never proof

    @property
    def passed(self) -> bool:
        """Whether no check failed; a validation without checks shows nothing, so it has not passed."""
        return bool(self.results) and all(result.passed for result in self.results)

    @property
    def not_held_out(self) -> str:
        """Why this is no evidence on held-out data; empty where it is, as far as can be told."""
        trained_on = (self.data.get("sha256"),) if self.on_training_data else ()
        return why_not_held_out(self.data.get("sha256"), self.metrics, trained_on)

    @property
    def says_no(self) -> bool:
        """A failed validation."""
        return not self.passed

    @property
    def failures(self) -> tuple[CheckResult, ...]:
        """The results that did not pass."""
        return tuple(result for result in self.results if not result.passed)

    def raise_if_failed(self) -> Self:
        """The report itself when it passed; raises ChecksFailed otherwise."""
        if self.passed:
            return self
        failed = self.failures
        if not failed:
            raise ChecksFailed(f"{self.ref}: nothing was checked.", "Give at least one line: roc_auc >= 0.8", self)
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        first = one_line(failed[0].detail.partition("; ")[0] or failed[0].check)
        raise ChecksFailed(
            f"{self.ref} failed {len(failed)} of {_counted(len(self.results), 'check')}: {first}{more}.",
            "The report above has each value; --soft (Python: the report's .passed) only shows it.",
            self,
        )

    def to_text(self) -> str:
        """A headline and one aligned line per check."""
        shown = [(result.mark, _named(result), result.shown_value) for result in self.results]
        check_width = max((len(check) for _, check, _ in shown), default=0)
        value_width = max((len(value) for _, _, value in shown), default=0)
        lines = [self.headline()]
        for (mark, check, value), result in zip(shown, self.results, strict=True):
            line = f"{mark} {check:<{check_width}}  {value:>{value_width}}  {one_line(result.detail, most=400)}"
            lines.append(line.rstrip())
        lines += [f"! {one_line(note, most=400)}" for note in self.notes]
        if self.claimed_ci:
            lines.append(f"  {self.claim()}")
        return "\n".join(lines)

    def claim(self) -> str:
        """`ran in CI (claimed): GitHub Actions, https://…`: what the environment said of itself, if anything."""
        said = [one_line(str(part)) for part in (self.claimed_ci or {}).values() if part]
        return f"ran in CI (claimed): {', '.join(said)}" if said else ""

    def attempts(self) -> str:
        """`attempt 2`, and over how many data sets, where there are several: trying until it passes shows."""
        if self.attempt is None:
            return ""
        if (self.data_sets or 0) > 1 and self.attempts_in_all is not None:
            return f"attempt {self.attempt} on this data, {self.attempts_in_all} over {self.data_sets} data sets"
        return f"attempt {self.attempt}"

    def headline(self) -> str:
        """`✓ churn@3 · passed 4 of 4 checks · 10,000 rows · attempt 2`, on one line."""
        good = sum(result.status == "passed" for result in self.results)
        parts = [f"{one_line(self.ref)}: {good} of {_counted(len(self.results), 'check')} passed"]
        unjudged = sum(result.status not in ("passed", "failed") for result in self.results)
        if unjudged:
            parts.append(f"{unjudged} could not be judged")
        parts.append(_counted(self.rows, "row"))
        if self.data_name:
            parts.append(one_line(self.data_name))
        if self.not_held_out:
            parts.append(f"{self.not_held_out}: no evidence")
        if self.attempt is not None:
            parts.append(self.attempts())
        if self.draft:
            parts.append("draft, not recorded")
        return f"{'✓' if self.passed else '✗'} " + " · ".join(parts)

    def to_dict(self) -> dict[str, Json]:
        """The report as JSON, the shape that is stored as evidence."""
        return {
            "ref": self.ref,
            "passed": self.passed,
            "results": [result.to_dict() for result in self.results],
            "rows": self.rows,
            "data": dict(self.data),
            "data_name": self.data_name,
            "metrics": {name: _to_json(value) for name, value in self.metrics.items()},
            "segments": {
                measure: {segment: _to_json(value) for segment, value in values.items()}
                for measure, values in self.segments.items()
            },
            "attempt": self.attempt,
            "measured_at": self.measured_at.isoformat() if self.measured_at else None,
            "draft": self.draft,
            "on_training_data": self.on_training_data,
            "attempts_in_all": self.attempts_in_all,
            "data_sets": self.data_sets,
            "importance": {name: _to_json(drop) for name, drop in self.importance.items()},
            "importance_how": self.importance_how,
            "notes": list(self.notes),
            "code": self.code,
            "claimed_ci": dict(self.claimed_ci) if self.claimed_ci else None,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """The report that `to_dict` wrote; `passed` is worked out again, not believed."""
        at = stored.get("measured_at")
        return cls(
            ref=str(stored["ref"]),
            results=tuple(CheckResult.from_dict(result) for result in stored["results"]),
            rows=int(stored["rows"]),
            data=dict(stored.get("data") or {}),
            data_name=stored.get("data_name"),
            metrics=_numbers(stored.get("metrics") or {}),
            segments={name: _numbers(values) for name, values in (stored.get("segments") or {}).items()},
            attempt=stored.get("attempt"),
            measured_at=datetime.fromisoformat(at) if at else None,
            draft=bool(stored.get("draft", False)),
            on_training_data=bool(stored.get("on_training_data", False)),
            attempts_in_all=stored.get("attempts_in_all"),
            data_sets=stored.get("data_sets"),
            importance=_numbers(stored.get("importance") or {}),
            importance_how=str(stored.get("importance_how") or ""),
            notes=tuple(map(str, stored.get("notes") or ())),
            code=stored.get("code"),
            claimed_ci=dict(stored["claimed_ci"]) if stored.get("claimed_ci") else None,
        )


def figures(value: float, limit: float | None) -> tuple[str, str]:
    """`value` and `limit` in four significant digits, or as many more as the limit was typed with or tell them apart.

    >>> figures(0.84996, 0.85), figures(0.9999, 0.99999)
    (('0.84996', '0.85'), ('0.9999', '0.99999'))
    """
    if limit is None:
        return _figure(value, 4), ""
    typed = next((digits for digits in range(4, MOST_TYPED) if float(f"{limit:.{digits}g}") == limit), 4)
    for digits in range(typed, 18):
        shown = _figure(value, digits), _figure(limit, digits)
        if shown[0] != shown[1] or value == limit:
            return shown
    return shown


def _figure(number: float, digits: int) -> str:
    """A number for people: thousands whole, no exponent between a millionth and a million."""
    if not math.isfinite(number):
        return str(number)
    if 1_000 <= abs(number) < 1e15:
        digits = max(digits, len(str(int(abs(number)))))
        return f"{number:,.{digits}g}" if "e" not in f"{number:,.{digits}g}" else f"{number:,.0f}"
    return f"{number:.{digits}g}"


def _named(result: CheckResult) -> str:
    """The check line, and that the policy asks for it."""
    return one_line(result.check) + (" (policy)" if result.required else "")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _to_json(number: float | None) -> Json:
    """A number that JSON can hold; NaN and infinities as text."""
    return number if number is None or math.isfinite(number) else str(number)


def _from_json(stored: object) -> float | None:
    """What `_to_json` wrote."""
    return None if stored is None else float(stored)  # type: ignore[arg-type]


def _numbers(stored: Mapping[str, object]) -> dict[str, float]:
    """A stored table of numbers, NaN texts read back."""
    return {str(name): float(value) for name, value in stored.items()}  # type: ignore[arg-type]
