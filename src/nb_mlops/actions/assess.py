"""`assess`: a short questionnaire that suggests a model's stakes, and puts the answers on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nb_mlops.actions.connect import current
from nb_mlops.actions.find import find_model
from nb_mlops.actions.look import model as look_model
from nb_mlops.actions.registry import Registry
from nb_mlops.core.assessment import QUESTIONS
from nb_mlops.core.listing import Listing
from nb_mlops.core.model import Model
from nb_mlops.core.policy import is_higher, stakes
from nb_mlops.core.questionnaire import Asked
from nb_mlops.core.spelling import spelled


def assess(
    name: str, answers: Mapping[str, str] | None = None, *, registry: Registry | str | None = None
) -> Model | Listing[Asked]:
    """The model with a note on what its answers suggest; without answers, the questions.

    Nothing is changed by it: the stakes are set by a person, who may see it otherwise.
    """
    place = current(registry)
    found = find_model(place, name)
    if not answers:
        asked = tuple(Asked(one.name, one.asks, tuple(one.answers)) for one in QUESTIONS)
        example = " ".join(f"{one.name}={next(iter(one.answers))}" for one in QUESTIONS)
        title = spelled(f"answer as %mlops stakes {found.name} --assess {example}")
        return Listing(asked, ("question", "asks", "answers"), title=title)
    event = place.append("assessed", found.name, {"answers": dict(answers)})
    suggested = event.body["suggested"]
    told = f"The answers suggest {suggested} stakes"
    if is_higher(stakes(suggested), stakes(found.stakes)):
        told += spelled(f": %mlops stakes {found.name} {suggested}")
    elif suggested == found.stakes:
        told += ", which it has."
    else:
        told += f"; it has {found.stakes}, and lowering takes others who agree."
    return replace(look_model(found.name, registry=place), notes=(told,))
