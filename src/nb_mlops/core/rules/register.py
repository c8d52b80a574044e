"""When a version may be registered, what number it gets, and when it may be discarded again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nb_mlops.core.errors import BadInput, Refused
from nb_mlops.core.policy import Level, is_higher, lacking, stakes, team_of
from nb_mlops.core.ref import model_name
from nb_mlops.core.rows import FindingRow, ModelRow, MoveRow, ValidationRow, VersionRow, VoteRow
from nb_mlops.core.rules.body import NEWER, check_count, is_count, is_plain, is_text, kept
from nb_mlops.core.rules.model import refuse_placeholders
from nb_mlops.core.rules.ruling import Case, Entry, Ruling, hexdigest, in_registry, one

_MOST_FORMAT = 100  # characters
_MODEL_TEXTS = ("owner", "purpose")
_SAID = ("digest", "identity", "format", "size_bytes", "files", "runs_code", "record", "baseline", "examples")
_SAID_BESIDE = ("trained_on", "metrics", "params", "tags", "parent")


def registered(case: Case) -> Ruling:
    """The next number for a new artifact, or the actor's last version when nothing changed."""
    name = model_name(case.model_name)
    _well_formed(case.body)
    refuse_placeholders(case.draft.texts)
    model = case.find_model()
    before: list[Entry] = []
    if model is not None and model.state != "live":
        raise Refused(f"{name} was retired: no version is added to it.", "Choose another name.")
    if model is None:
        model, before = _created(case, name)
    else:
        unchanged = _unchanged(case, model)
        if unchanged is not None:
            return Ruling(existing=unchanged.event)
        model, before = _described(case, model)
    _enough_for(case.policy.level(model.stakes, team_of(name)), case, model)
    body = kept(case.body, (*_SAID, *_SAID_BESIDE))
    body["files"] = {name: kept(part, ("sha256", "size")) for name, part in body["files"].items()}
    body["number"] = model.latest + 1
    if "author" in case.people:
        body["author"] = case.people["author"]
    return Ruling((*before, Entry(model.id, "registered", body, tuple(set(case.draft.texts) & {"author"}))))


def discarded(case: Case) -> Ruling:
    """One's own version that nobody used; its number is not given again."""
    model = case.model()
    version = case.version(model)
    of_this: dict[str, Any] = {"model": model.id, "number": version.number}
    used = any(case.facts.how_many(kind, **of_this) for kind in (MoveRow, VoteRow)) or any(
        case.facts.how_many(kind, **of_this) > case.facts.how_many(kind, **of_this, actor=case.actor)
        for kind in (ValidationRow, FindingRow)
    )
    if version.actor != case.actor:
        raise Refused(f"{model.name}@{version.number} was registered by somebody else.", "Only they can discard it.")
    if used:
        raise Refused(f"{model.name}@{version.number} was used: its record stays.", "Register a better one.")
    return one(model, "discarded", {"number": version.number}, case.draft.texts)


def _created(case: Case, name: str) -> tuple[ModelRow, list[Entry]]:
    level = "low" if case.body.get("stakes") is None else stakes(case.body["stakes"])
    identifier = str(uuid.uuid5(uuid.UUID(case.draft.id), "model"))
    texts = case.draft.texts
    model = ModelRow(
        id=identifier,
        name=name,
        stakes=level,
        stakes_by=case.actor,
        stakes_at=case.now,
        created_at=case.now,
        created_by=case.actor,
        owner=texts.get("owner"),
        purpose=texts.get("purpose"),
    )
    entries = [
        in_registry("model_created", {"model": identifier, "name": name}),
        Entry(identifier, "created", {"name": name, "stakes": level}, _model_texts(case)),
    ]
    return model, entries


def _describes(case: Case, model: ModelRow) -> bool:
    wanted = case.body.get("stakes")
    return wanted is not None and wanted != model.stakes


def _described(case: Case, model: ModelRow) -> tuple[ModelRow, list[Entry]]:
    """What the registration says of the model itself: raised stakes, an owner, a purpose."""
    texts = _model_texts(case)
    body: dict[str, Any] = {}
    if _describes(case, model):
        level = stakes(case.body["stakes"])
        if not is_higher(level, stakes(model.stakes)):
            hint = f"Leave stakes out, or lower them first: %mlops stakes {model.name} {level}"
            raise Refused(f"{model.name} has {model.stakes} stakes; a registration cannot lower them.", hint)
        body["stakes"] = level
        model = replace(model, stakes=level)
    if not body and not texts:
        return model, []
    described = replace(
        model,
        owner=case.draft.texts.get("owner", model.owner),
        purpose=case.draft.texts.get("purpose", model.purpose),
    )
    return described, [Entry(model.id, "described", body, texts)]


def _model_texts(case: Case) -> tuple[str, ...]:
    return tuple(key for key in _MODEL_TEXTS if key in case.draft.texts)


def _unchanged(case: Case, model: ModelRow) -> VersionRow | None:
    """The actor's last version, when artifact, data and code are the same as now."""
    last = case.facts.last(VersionRow, model=model.id, actor=case.actor, state="live")
    if case.body.get("again") or last is None or last.identity != case.body["identity"]:
        return None
    return last


def _enough_for(level: Level, case: Case, model: ModelRow) -> None:
    """Raises Refused when the stakes ask for more at registration than is given."""
    if lacks := level.lacks(owner=model.owner, purpose=model.purpose):
        raise Refused(*lacking(model.name, model.stakes, lacks))
    if level.formats and case.body.get("format") not in level.formats:
        message = f"{model.name} has {model.stakes} stakes: the policy allows {', '.join(level.formats)} only."
        raise Refused(message, f"It came as {str(case.body.get('format'))[:40]}: choose one by --format.")
    if level.no_code and case.body.get("runs_code"):
        message = (
            f"{model.name} has {model.stakes} stakes: a {case.body['format']} file, which runs code, is not enough."
        )
        raise Refused(message, "Use a format that holds no code: --format skops, onnx or a booster's own.")
    if level.traceable and not case.body.get("trained_on"):
        raise Refused(f"{model.name} has {model.stakes} stakes: its training data must be known.", "Add --data X,y.")


def _well_formed(body: Mapping[str, Any]) -> None:
    for key in ("digest", "identity", "record"):
        hexdigest(body.get(key), key)
    for key in ("baseline", "examples"):
        if body.get(key) is not None:
            hexdigest(body[key], key)
    files = body.get("files")
    if not isinstance(files, Mapping) or not files:
        raise BadInput("A version without a file cannot be registered.", "Is this client newer than the registry?")
    for file, part in files.items():
        hexdigest(part.get("sha256") if isinstance(part, Mapping) else None, f"file {str(file)[:60]!r}")
        check_count(part, "size", "The size of a file")
    _well_described(body)
    if not is_text(body.get("format"), _MOST_FORMAT) or not is_count(body.get("size_bytes")):
        raise BadInput("A version has a format and a size.", NEWER)
    trained_on = body.get("trained_on", [])
    if not isinstance(trained_on, list) or not isinstance(body.get("runs_code", False), bool):
        raise BadInput("A version says what it was trained on, and whether it runs code.", "Leave it out if unknown.")
    for data in trained_on:
        hexdigest(data, "the fingerprint of the training data")
    if not isinstance(body.get("again", False), bool):
        raise BadInput("`again` is yes or no.", "Give True or False.")


def _well_described(body: Mapping[str, Any]) -> None:
    """The shape of what is told beside the artifact."""
    for key in ("metrics", "params", "tags"):
        if not isinstance(body.get(key, {}), Mapping):
            raise BadInput(f"{key} must be names with values.", f"Give a dict: {key}={{'name': 1}}.")
    for name, value in body.get("tags", {}).items():
        if not is_plain(value):
            raise BadInput(f"The tag {str(name)[:40]!a} is a {type(value).__name__}.", "Give a short text or a number.")
    if body.get("parent") is not None and not is_count(body["parent"]):
        raise BadInput("A parent is named by its version's number.", NEWER)
