"""What was measured: the latest validation of each data set, and all that a policy may ask of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from nb_mlops.core.decision import Reason
from nb_mlops.core.gate.evidence import Evidence, compared_with, current_evidence, is_fresh, told_age
from nb_mlops.core.gate.independence import part_taken
from nb_mlops.core.held_out import why_not_held_out
from nb_mlops.core.policy import Requirements
from nb_mlops.core.rows import ValidationRow


def validated(requirements: Requirements, evidence: Evidence, now: datetime) -> list[Reason]:
    """Whether a validation is asked for, passed, and is of the kind that is asked for."""
    if not requirements.validation:
        return []
    current = current_evidence(evidence.version, evidence.validations)
    title = "a passed validation" + (" on held-out data" if requirements.held_out else "")
    if requirements.held_out:
        why_not = {row.event: why_not_held_out(row.data, row.metrics, evidence.version.trained_on) for row in current}
        held_out = [row for row in current if not why_not[row.event]]
        if current and not held_out:
            detail = f"not held out: {why_not[current[-1].event]}"
            return [Reason(title, False, detail, f"Supply it: {_how(evidence)}")]
        current = held_out
    found = _passed(title, current, evidence)
    if not found.met:
        return [found]
    by_others = _by_others(current, evidence)
    counted = by_others if requirements.validated_by_other else current  # whose measurements the policy believes
    reasons = [found]
    if requirements.data:
        reasons.append(_pinned(requirements.data, counted, evidence))
    if requirements.checks:
        reasons.append(_checked(requirements, counted, evidence))
    if requirements.validated_by_other:
        reasons.append(_by_another(by_others, evidence))
    if requirements.ci:
        reasons.append(_proven(current))
    if requirements.evidence_days is not None:
        used = _used(requirements, current, counted, evidence)
        reasons.append(_fresh(requirements, requirements.evidence_days, used, evidence, now))
    return reasons


def _passed(title: str, current: Sequence[ValidationRow], evidence: Evidence) -> Reason:
    how = _how(evidence)
    if not current:
        return Reason(title, False, "none yet", f"Supply it: {how}")
    attempts = _attempts(current, evidence)
    failed = [row for row in current if not row.passed]
    if failed:
        return Reason(title, False, f"failed: {_first_failure(failed[-1])} ({attempts})", f"Mend it, then {how}")
    empty = [row for row in current if not any(_is_judged(result) for result in row.results)]
    if empty:
        detail = f"nothing could be judged: {_first_detail(empty[-1])} ({attempts})"
        return Reason(title, False, detail, f"Add a check that can be: {how}")
    return Reason(title, True, f"passed on {current[-1].rows:,} rows ({attempts})")


def _attempts(current: Sequence[ValidationRow], evidence: Evidence) -> str:
    """How often it was tried: on this data, and on any. Trying until it passes shows."""
    last = current[-1]
    told = f"attempt {last.attempt} of {max(row.attempt for row in current)}"
    tries = [row for row in evidence.validations if row.digest == evidence.version.digest]
    data_sets = len({row.data for row in tries})
    return told + (f"; {len(tries)} in all, on {data_sets} data sets" if data_sets > 1 else "")


def _pinned(name: str, current: Sequence[ValidationRow], evidence: Evidence) -> Reason:
    title = f"validated on {name}"
    if evidence.pinned is None:
        return Reason(title, False, "no data set has this name", f"Name it: %mlops data add {name} X_test,y_test")
    if any(row.data == evidence.pinned.data for row in current):
        return Reason(title, True, f"passed on the pinned data ({evidence.pinned.data[:12]})")
    return Reason(title, False, "only on other data", f"Supply it: {_how(evidence)} --on {name}")


def _checked(requirements: Requirements, counted: Sequence[ValidationRow], evidence: Evidence) -> Reason:
    """Whether every check line of the policy stands, passed, in the latest validation of a data set that counts."""
    title, lines = "the policy's checks", requirements.checks
    rows = _demanded(requirements, counted, evidence)
    passed = {line for row in rows for line in _passed_lines(row, evidence)}
    missing = [line for line in lines if _normal(line) not in passed]
    if not missing:
        return Reason(title, True, f"{len(lines)} passed")
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    how = f"They run by themselves: {_how(evidence)}" + (f" --on {requirements.data}" if requirements.data else "")
    since = any(_normal(missing[0]) in _outdated(row, evidence) for row in rows)
    why = "there was nothing to compare with, and there is now" if since else "not run"
    return Reason(title, False, f"{why}: {missing[0]}{more}", how)


def _demanded(
    requirements: Requirements, counted: Sequence[ValidationRow], evidence: Evidence
) -> Sequence[ValidationRow]:
    """Those on the data that the policy pins, where it does: checks that passed on other data are no answer."""
    if not requirements.data:
        return counted
    return [row for row in counted if evidence.pinned is not None and row.data == evidence.pinned.data]


def _by_others(current: Sequence[ValidationRow], evidence: Evidence) -> list[ValidationRow]:
    """The validations by persons who took no part in the version."""
    others = {actor for actor in {row.actor for row in current} if not part_taken(actor, evidence)}
    return [row for row in current if row.actor in others]


def _by_another(by_others: Sequence[ValidationRow], evidence: Evidence) -> Reason:
    detail = "run by another person" if by_others else "only by who took part in it"
    return Reason("checks run by another person", bool(by_others), detail, f"Another person runs {_how(evidence)}")


def _proven(current: Sequence[ValidationRow]) -> Reason:
    """CI proves itself to a registry server by its own credential; `CI=true` in an environment is a claim."""
    claimed = any(row.claimed_ci for row in current)
    detail = "a CI run is claimed, not proven" if claimed else "none yet"
    how = "Run it in CI against a registry server, with a `ci` credential."
    return Reason("a validation by a proven CI run", False, detail, how)


def _used(
    requirements: Requirements, current: Sequence[ValidationRow], counted: Sequence[ValidationRow], evidence: Evidence
) -> list[ValidationRow]:
    """The newest validation that supplies each thing asked for: a fresh trifle on other data makes no old one young."""
    demanded = _demanded(requirements, counted, evidence)
    used = [current[-1], *counted[-1:], *demanded[-1:]]
    for line in requirements.checks:
        used += [row for row in demanded if _normal(line) in _passed_lines(row, evidence)][-1:]
    return used


def _fresh(
    requirements: Requirements, days: int, used: Sequence[ValidationRow], evidence: Evidence, now: datetime
) -> Reason:
    stale = [row for row in used if not is_fresh(row.at, days, now)]
    if not stale:
        return Reason("recent evidence", True, told_age(min(row.at for row in used), days, now))
    why = f" ({requirements.evidence_reason})" if requirements.evidence_reason else ""
    met = not requirements.evidence_expires
    detail = told_age(stale[-1].at, days, now)
    return Reason("recent evidence", met, f"{detail}{why}", f"Validate again: {_how(evidence)}")


def _how(evidence: Evidence) -> str:
    return f"%%validate {evidence.ref} --data X_test,y_test"


def _passed_lines(row: ValidationRow, evidence: Evidence) -> set[str]:
    passed = {_normal(str(result.get("check"))) for result in row.results if result.get("passed")}
    return passed - _outdated(row, evidence)


def _outdated(row: ValidationRow, evidence: Evidence) -> set[str]:
    """The comparisons that had nothing to compare with then, while there is something now."""
    idle = [str(result.get("check")) for result in row.results if result.get("status") == "not applicable"]
    since = {alias for alias, sequence in evidence.first_moves.items() if row.sequence < sequence}
    return {_normal(line) for line in idle if since and since & compared_with(line)}


def _is_judged(result: Mapping[str, Any]) -> bool:
    """Whether a check was held against a value, and held: one that did not apply passes, but shows nothing."""
    return bool(result.get("passed")) and result.get("status", "passed") == "passed"


def _first_detail(row: ValidationRow) -> str:
    return str(row.results[0].get("detail") or row.results[0].get("check")) if row.results else "there were no checks"


def _first_failure(row: ValidationRow) -> str:
    failed = [result for result in row.results if not result.get("passed", True)]
    return str(failed[0].get("detail") or failed[0].get("check")) if failed else "its checks"


@lru_cache(maxsize=1024)
def _normal(line: str) -> str:
    """A check line as it is printed, so that blanks and trailing zeros make no difference."""
    from nb_mlops.core.checks import Check
    from nb_mlops.core.errors import BadInput

    try:
        return str(Check.parse(line))
    except BadInput:  # recorded by a program that knows more checks than this one
        return line.strip()
