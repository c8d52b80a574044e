"""When a run of checks may be put on record, and what of it: a client is not trusted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from nb_mlops.core.errors import BadInput
from nb_mlops.core.rows import DataNameRow, ValidationRow
from nb_mlops.core.rules.body import NEWER, check_count, is_number, is_text, kept
from nb_mlops.core.rules.ruling import Case, Ruling, hexdigest, one, refuse_other_bytes

_MOST_CLAIMED, _MOST_NAME = 500, 200  # characters
_MOST_COLUMNS, _MOST_NOTES = 100, 20
_SAID = ("number", "digest", "data", "data_name", "passed", "metrics", "rows")
_SAID_LATER = ("code", "claimed_ci", "importance", "notes")
_SAID_OF_A_CHECK = ("check", "value", "limit", "passed", "detail", "status", "required")


def validated(case: Case) -> Ruling:
    """A run of checks, as measured; the catalog counts the attempts on the same data."""
    model = case.model()
    version = case.version(model)
    data = hexdigest(case.body.get("data"), "the fingerprint of the data")
    refuse_other_bytes(case, model, version)
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
