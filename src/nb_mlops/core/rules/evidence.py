"""What may be put on record about a version: validations, looks at drift, requests, approvals, rejections."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from nb_mlops.core.card_text import is_filled
from nb_mlops.core.errors import BadInput, Conflict, Refused
from nb_mlops.core.gate.approvals import newest_evidence, why_not
from nb_mlops.core.gate.evidence import Evidence, gather
from nb_mlops.core.policy import Requirements
from nb_mlops.core.ref import alias_name
from nb_mlops.core.rows import DataNameRow, ModelRow, ValidationRow, VersionRow, WindowRow
from nb_mlops.core.rules.body import NEWER, check_count, is_count, is_number, is_text, kept
from nb_mlops.core.rules.ruling import Case, Ruling, hexdigest, in_registry, one

_MOST_CLAIMED, _MOST_NAME = 500, 200  # characters
_MOST_COLUMNS, _MOST_NOTES = 100, 20
_SAID = ("number", "digest", "data", "data_name", "passed", "metrics", "rows")
_SAID_LATER = ("code", "claimed_ci", "importance", "notes")
_SAID_OF_A_CHECK = ("check", "value", "limit", "passed", "detail", "status", "required")
_SAID_OF_A_WINDOW = ("number", "data", "rows", "alarm", "report")


def validated(case: Case) -> Ruling:
    """A run of checks, as measured; the catalog counts the attempts on the same data."""
    model = case.model()
    version = case.version(model)
    data = hexdigest(case.body.get("data"), "the fingerprint of the data")
    _same_bytes(case, model, version)
    _well_formed(case.body)
    _measured_well(case.body)
    _pinned(case, data)
    of_this: dict[str, Any] = {"model": model.id, "number": version.number}
    on_this_data = case.facts.how_many(ValidationRow, **of_this, data=data)
    counted = {
        "attempt": 1 + on_this_data,
        "attempts_in_all": 1 + case.facts.how_many(ValidationRow, **of_this),
        "data_sets": case.facts.how_many(ValidationRow, "data", **of_this) + (not on_this_data),
    }
    body = kept(case.body, (*_SAID, *_SAID_LATER)) | {
        "results": [kept(result, _SAID_OF_A_CHECK) for result in case.body["results"]]
    }
    return one(model, "validated", body | counted, case.draft.texts)


def observed(case: Case) -> Ruling:
    """A look at drift that counts; the same rows looked at twice are one look."""
    model = case.model()
    version = case.version(model)
    data = hexdigest(case.body.get("data"), "the fingerprint of the data")
    if not isinstance(case.body.get("alarm"), bool):
        raise BadInput("A recorded window says whether it raised the alarm.", "Give alarm=True or False.")
    if not isinstance(case.body.get("report", {}), Mapping):
        raise BadInput("The report of a window is a table.", NEWER)
    check_count(case.body, "rows", "The rows of a window")
    of_this: dict[str, Any] = {"model": model.id, "number": version.number}
    known = case.facts.last(WindowRow, **of_this, data=data)
    if known is not None:
        return Ruling(existing=known.event)
    return one(
        model,
        "observed",
        kept(case.body, _SAID_OF_A_WINDOW) | {"look": case.facts.how_many(WindowRow, **of_this) + 1},
        case.draft.texts,
    )


def voted(case: Case) -> Ruling:
    """A request, approval or rejection, bound to the artifact, its evidence and what the policy asks."""
    model = case.model()
    version = case.version(model)
    alias = case.alias()
    _same_bytes(case, model, version)
    requirements = case.policy.requirements(model.name, model.stakes, alias)
    evidence = gather(case.facts, case.policy, requirements, model, version, alias)
    seen = newest_evidence(evidence)
    if "evidence" in case.body and case.body["evidence"] != seen:
        message = f"There is newer evidence on {evidence.ref} than what you looked at."
        raise Conflict(message, f"Look again, then sign: %gate {evidence.ref} --to {alias}")
    if case.draft.kind == "approved" and requirements.approvals:
        _may_approve(case, requirements, evidence, seen)
    body: dict[str, Any] = {
        "number": version.number,
        "alias": alias,
        "digest": version.digest,
        "evidence": seen,
        "requirements": requirements.digest,
        "live": evidence.live,
    }
    return one(model, case.draft.kind, body, case.draft.texts)


def data_named(case: Case) -> Ruling:
    """A name for a data set, pinned to its fingerprint: it never means other data."""
    name = alias_name(case.body.get("name", ""))
    data = hexdigest(case.body.get("data"), "the fingerprint of the data")
    rows = case.body.get("rows")
    if not is_count(rows) or not rows:
        raise BadInput("A named data set has at least one row.", "Give the table that validations are run on.")
    known = case.facts.get(DataNameRow, name)
    if known is None:
        return Ruling((in_registry("data_named", {"name": name, "data": data, "rows": rows}, *case.draft.texts),))
    if known.data == data:
        return Ruling(existing=known.event)
    message = f"{name!r} names other data already ({known.rows:,} rows, {known.data[:12]})."
    raise Refused(message, "A name never moves: choose a new one, such as one with a later quarter.")


def _may_approve(case: Case, requirements: Requirements, evidence: Evidence, seen: str | None) -> None:
    """Raises Refused where an approval would not count: a signature that means nothing must not look like one."""
    why = why_not(case.actor, requirements, evidence)
    if why == "one's own does not count":
        message = f"{evidence.ref} was registered by you: your own approval does not count."
        raise Refused(message, "Ask somebody else: %request, and they run %approve.")
    if why:
        message = f"Your approval of {evidence.ref} would not count: {why}."
        raise Refused(message, f"%gate {evidence.ref} tells who can supply it.")
    if requirements.validation and seen is None:
        message = f"There is no validation of {evidence.ref}: an approval signs evidence, and there is none."
        raise Refused(message, f"First: %%validate {evidence.ref} --data X_test,y_test")
    if requirements.comment and not is_filled(case.draft.texts.get("comment", "")):
        raise Refused(f"An approval at {evidence.stakes} stakes takes a reason in words.", 'Add it: -m "…"')


def _well_formed(body: Mapping[str, Any]) -> None:
    """The shape of a validation; a client is not trusted."""
    results = body.get("results")
    if not isinstance(results, list) or not isinstance(body.get("passed"), bool):
        raise BadInput("A validation has results and a verdict.", NEWER)
    if not all(isinstance(result, Mapping) and isinstance(result.get("check"), str) for result in results):
        raise BadInput("Each result of a validation names its check.", NEWER)
    if not all(_is_result(result) for result in results):
        raise BadInput("A result says whether it passed, with a number, a limit and a detail.", NEWER)
    if body["passed"] and not all(result.get("passed") is True for result in results):
        raise BadInput("A validation with a failed check has not passed.", "Report what was measured.")
    check_count(body, "rows", "The number of rows of a validation")
    name, metrics = body.get("data_name"), body.get("metrics", {})
    if name is not None and not is_text(name, _MOST_NAME):
        raise BadInput("A validation names its data in words.", NEWER)
    if not isinstance(metrics, Mapping) or not all(is_number(value) for value in metrics.values()):
        raise BadInput("The metrics of a validation are numbers by name.", NEWER)


def _is_result(result: Mapping[str, Any]) -> bool:
    return (
        isinstance(result.get("passed"), bool)
        and all(result.get(name) is None or is_number(result[name]) for name in ("value", "limit"))
        and all(isinstance(result.get(name, ""), str) for name in ("detail", "status"))
        and isinstance(result.get("required", False), bool)
    )


def _measured_well(body: Mapping[str, Any]) -> None:
    """The shape of what came after the first release."""
    if body.get("code") is not None:
        hexdigest(body["code"], "the digest of the code")
    claim = body.get("claimed_ci")
    if claim is not None and not _are_texts(claim, {"provider", "run"}):
        raise BadInput("claimed_ci is a provider and the address of a run.", f"Texts of at most {_MOST_CLAIMED}.")
    notes = body.get("notes")
    if notes is not None and not _are_notes(notes):
        raise BadInput(f"notes are at most {_MOST_NOTES} short texts.", NEWER)
    importance = body.get("importance")
    if importance is not None and not _are_numbers(importance):
        raise BadInput("importance is a finite number per column.", f"Give the {_MOST_COLUMNS} largest.")
    if body.get("proven_ci"):
        raise BadInput("A client cannot prove its own CI run.", "A registry server does, by a `ci` credential.")


def _are_texts(value: object, names: set[str]) -> bool:
    """Whether these names, and no others, have short texts."""
    return (
        isinstance(value, Mapping)
        and set(value) <= names
        and all(isinstance(said, str) and len(said) <= _MOST_CLAIMED for said in value.values())
    )


def _are_notes(value: object) -> bool:
    """Whether these are a few short texts."""
    return (
        isinstance(value, list)
        and len(value) <= _MOST_NOTES
        and all(isinstance(said, str) and len(said) <= _MOST_CLAIMED for said in value)
    )


def _are_numbers(value: object) -> bool:
    """Whether a limited number of names has finite numbers."""
    return (
        isinstance(value, Mapping)
        and len(value) <= _MOST_COLUMNS
        and all(isinstance(name, str) and len(name) <= _MOST_NAME for name in value)
        and all(type(number) in (int, float) and math.isfinite(number) for number in value.values())
    )


def _pinned(case: Case, data: str) -> None:
    """Raises BadInput where a name of the registry was given to other data."""
    name = case.body.get("data_name")
    known = case.facts.get(DataNameRow, name) if name is not None else None
    if known is not None and known.data != data:
        message = f"These rows are not {name!r}: that names {known.rows:,} rows with the fingerprint {known.data[:12]}."
        raise BadInput(message, "Give exactly that table (same rows, columns, order), or leave the name out.")


def _same_bytes(case: Case, model: ModelRow, version: VersionRow) -> None:
    """Raises Conflict when what the client looked at is not what the registry holds."""
    seen = case.body.get("digest")
    if seen is not None and seen != version.digest:
        raise Conflict(f"{model.name}@{version.number} is not the artifact that was looked at.", "Look again.")
