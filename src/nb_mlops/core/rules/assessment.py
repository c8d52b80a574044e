"""When the answers of the questionnaire are put on record."""

from __future__ import annotations

from collections.abc import Mapping

from nb_mlops.core.assessment import suggested
from nb_mlops.core.errors import BadInput
from nb_mlops.core.rules.ruling import Case, Ruling, one


def assessed(case: Case) -> Ruling:
    """The answers of the questionnaire, and the level that they suggest; the stakes stay until somebody sets them."""
    model = case.model()
    answers = case.body.get("answers")
    if not isinstance(answers, Mapping):
        raise BadInput("An assessment has answers.", f"%mlops stakes {model.name} --assess")
    body = {"answers": dict(answers), "suggested": suggested(answers)}
    return one(model, "assessed", body, {})
