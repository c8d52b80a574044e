"""What may be put on record about a version: validations, looks at drift, requests, approvals, rejections."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from nb_mlops.core.errors import BadInput, Conflict, Refused
from nb_mlops.core.gate.approvals import newest_evidence, why_not
from nb_mlops.core.gate.evidence import Evidence, gather
from nb_mlops.core.gate.record import card_digest
from nb_mlops.core.named_data import MOST_NAMED
from nb_mlops.core.policy import Requirements
from nb_mlops.core.ref import data_name
from nb_mlops.core.rows import DataNameRow, ModelRow, ValidationRow, VersionRow, WindowRow
from nb_mlops.core.rules.ruling import Case, Ruling, hexdigest, in_registry, one

_MOST_CLAIMED, _MOST_NAME = 500, 200  # characters
_MOST_COLUMNS, _MOST_NOTES = 100, 20
_NEWER = "Is this client newer than the registry?"


def validated(case: Case) -> Ruling:
    """A run of checks, as measured; the catalog counts the attempts on the same data."""
    model = case.model()
    version = case.version(model)
    data = hexdigest(case.body.get("data"), "the fingerprint of the data")
    _same_bytes(case, model, version)
    _well_formed(case.body)
    _measured_well(case.body)
    _pinned(case, data)
    earlier = case.facts.find(ValidationRow, model=model.id, number=version.number)
    counted = {
        "attempt": 1 + sum(row.data == data for row in earlier),
        "attempts_in_all": 1 + len(earlier),
        "data_sets": len({data, *(row.data for row in earlier)}),
    }
    return one(model, "validated", {**case.body, **counted}, case.draft.texts)


def observed(case: Case) -> Ruling:
    """A look at drift that counts; the same rows looked at twice are one look."""
    model = case.model()
    version = case.version(model)
    data = hexdigest(case.body.get("data"), "the fingerprint of the data")
    if not isinstance(case.body.get("alarm"), bool):
        raise BadInput("A recorded window says whether it raised the alarm.", "Give alarm=True or False.")
    earlier = case.facts.find(WindowRow, model=model.id, number=version.number)
    for row in earlier:
        if row.data == data:
            return Ruling(existing=row.event)
    return one(model, "observed", {**case.body, "look": len(earlier) + 1}, case.draft.texts)


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
    if evidence.card:
        body["card"] = card_digest(evidence.card)
    return one(model, case.draft.kind, body, case.draft.texts)


def data_named(case: Case) -> Ruling:
    """A name for a data set, pinned to its fingerprint: it never means other data."""
    name = data_name(case.body.get("name") or "")
    data = hexdigest(case.body.get("data"), "the fingerprint of the data")
    rows = case.body.get("rows")
    if not isinstance(rows, int) or isinstance(rows, bool) or rows < 1:
        raise BadInput("A named data set has at least one row.", "Give the table that validations are run on.")
    known = case.facts.get(DataNameRow, name)
    if known is None:
        body = {"name": name, "data": data, "rows": rows} | _columns_of(case.body)
        return Ruling((in_registry("data_named", body, *case.draft.texts),))
    if known.data == data:
        return Ruling(existing=known.event)
    message = f"{name!r} names other data already ({known.rows:,} rows, {known.data[:12]})."
    raise Refused(message, "A name never moves: choose a new one, such as one with a later quarter.")


def _columns_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Names and types of the columns and the target, where the client gives them: what tells other data apart."""
    given = {key: body[key] for key in ("columns", "target") if body.get(key) is not None}
    for key, pairs in given.items():
        if not isinstance(pairs, list) or len(pairs) > MOST_NAMED or not all(_is_pair(pair) for pair in pairs):
            raise BadInput(f"The {key} of named data are names with types.", f"Leave out more than {MOST_NAMED}.")
    return given


def _is_pair(pair: object) -> bool:
    return (
        isinstance(pair, list)
        and len(pair) == 2
        and all(isinstance(text, str) and len(text) <= _MOST_NAME for text in pair)
    )


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
    if requirements.comment and not case.draft.texts.get("comment", "").strip():
        raise Refused(f"An approval at {evidence.stakes} stakes takes a reason in words.", 'Add it: -m "…"')


def _well_formed(body: Mapping[str, Any]) -> None:
    """The shape of a validation; a client is not trusted."""
    results = body.get("results")
    if not isinstance(results, list) or not isinstance(body.get("passed"), bool):
        raise BadInput("A validation has results and a verdict.", _NEWER)
    if not all(isinstance(result, Mapping) and isinstance(result.get("check"), str) for result in results):
        raise BadInput("Each result of a validation names its check.", _NEWER)
    if body["passed"] and not all(result.get("passed") is True for result in results):
        raise BadInput("A validation with a failed check has not passed.", "Report what was measured.")
    rows = body.get("rows", 0)
    if not isinstance(rows, int) or isinstance(rows, bool) or rows < 0:
        raise BadInput("A validation counts its rows.", _NEWER)
    if not isinstance(body.get("data_name") or "", str) or not isinstance(body.get("metrics") or {}, Mapping):
        raise BadInput("A validation names its data in words, and its metrics by name.", _NEWER)


def _measured_well(body: Mapping[str, Any]) -> None:
    """The shape of what came after the first release."""
    if body.get("code") is not None:
        hexdigest(body["code"], "the digest of the code")
    claim = body.get("claimed_ci")
    if claim is not None and not _are_texts(claim, {"provider", "run"}):
        raise BadInput("claimed_ci is a provider and the address of a run.", f"Texts of at most {_MOST_CLAIMED}.")
    notes = body.get("notes")
    if notes is not None and not _are_notes(notes):
        raise BadInput(f"notes are at most {_MOST_NOTES} short texts.", _NEWER)
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
    known = case.facts.get(DataNameRow, name) if isinstance(name, str) else None
    if known is not None and known.data != data:
        message = f"These rows are not {name!r}: that names {known.rows:,} rows with the fingerprint {known.data[:12]}."
        raise BadInput(message, "Give exactly that table (same rows, columns, order), or leave the name out.")


def _same_bytes(case: Case, model: ModelRow, version: VersionRow) -> None:
    """Raises Conflict when what the client looked at is not what the registry holds."""
    seen = case.body.get("digest")
    if seen is not None and seen != version.digest:
        raise Conflict(f"{model.name}@{version.number} is not the artifact that was looked at.", "Look again.")
