"""A short questionnaire that suggests a model's stakes: who is affected, how many, reversible or not, regulated or not.

The questions are those that model-risk guidance asks for materiality; the answer that weighs most decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from nb_mlops.core.errors import BadInput, near
from nb_mlops.core.policy.stakes import LEVELS, Stakes


class Question(NamedTuple):
    """One question, its possible answers, and the level that each suggests."""

    name: str
    asks: str
    answers: Mapping[str, Stakes]


QUESTIONS = (
    Question(
        "affects",
        "Whom do its answers affect?",
        {"nobody": "low", "business": "medium", "people": "high"},
    ),
    Question(
        "decisions",
        "How many decisions a month does it take part in?",
        {"few": "low", "thousands": "low", "millions": "medium"},
    ),
    Question(
        "reversible",
        "Can a wrong answer be taken back before it does harm?",
        {"yes": "low", "partly": "medium", "no": "high"},
    ),
    Question(
        "regulated",
        "Does a law or a regulator ask about decisions of this kind?",
        {"no": "low", "unsure": "medium", "yes": "high"},
    ),
)


def suggested(answers: Mapping[str, object]) -> Stakes:
    """The highest level that one of the answers suggests; raises BadInput for a missing or unknown answer.

    >>> suggested({"affects": "business", "decisions": "few", "reversible": "yes", "regulated": "no"})
    'medium'
    """
    unknown = [name for name in answers if name not in {question.name for question in QUESTIONS}]
    if unknown:
        known = [question.name for question in QUESTIONS]
        raise BadInput(f"There is no question {str(unknown[0])[:40]!r}.", near(str(unknown[0]), known) or _ASKED)
    found: list[Stakes] = ["low"]
    for question in QUESTIONS:
        answer = answers.get(question.name)
        if not isinstance(answer, str) or answer not in question.answers:
            listed = ", ".join(question.answers)
            raise BadInput(f"{question.asks} {_given(answer)}", f"{question.name}= one of {listed}.")
        found.append(question.answers[answer])
    return max(found, key=LEVELS.index)


def _given(answer: object) -> str:
    return "It was not answered." if answer is None else f"{str(answer)[:40]!r} is no answer."


_ASKED = f"Asked are {', '.join(question.name for question in QUESTIONS)}."
