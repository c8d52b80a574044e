"""The names of metrics: scikit-learn's scorers, the positive names people use for errors, and one's own.

`rmse`, `mae`, `log_loss` and every other `neg_…` scorer without its prefix give positive values, smaller being better;
`neg_log_loss` and its like are as scikit-learn has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nb_mlops.core.errors import BadInput, near
from nb_mlops.core.measures import BARE_ALIASES, SPECIAL, is_bare
from nb_mlops.core.printable import one_line
from nb_mlops.evaluation import mean_loss, ranked
from nb_mlops.evaluation.answers import Answers
from nb_mlops.evaluation.confusion import confused
from nb_mlops.evaluation.held_out import HeldOut, shown_label
from nb_mlops.evaluation.mean_loss import MeanLoss
from nb_mlops.evaluation.ranked import EachAgainstRest, Ranked
from nb_mlops.evaluation.resampling import Drawn
from nb_mlops.evaluation.scored import Own, Scored, Scorer
from nb_mlops.evaluation.table import Rows

Scorers = Mapping[str, "Scorer | str"]


class Metric(Protocol):
    """A number about a model's answers."""

    @property
    def name(self) -> str:
        """As it stands in the check line."""

    @property
    def is_loss(self) -> bool:
        """Whether smaller is better."""

    @property
    def most_resamples(self) -> int:
        """How many resamples its interval is worth at most."""

    def of(self, answers: Answers, rows: Rows | None = None) -> float:
        """The metric over all rows, or over some."""

    def drawn(self, answers: Answers, rows: Rows) -> Drawn:
        """The metric over resamples of `rows`, from how often each was drawn."""

    def alike(self, answers: Answers) -> NDArray[np.intp] | None:
        """A code a row: rows of one class and one code cannot be told apart by it; None where all can."""


PEOPLES_NAMES = {
    "rmse": "root_mean_squared_error",
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "medae": "median_absolute_error",
    "msle": "mean_squared_log_error",
    "rmsle": "root_mean_squared_log_error",
    "brier": "brier_score",
}
_MEANS = {
    "mean_absolute_error": MeanLoss("", mean_loss.absolute),
    "mean_squared_error": MeanLoss("", mean_loss.squared),
    "root_mean_squared_error": MeanLoss("", mean_loss.squared, mean_loss.root),
    "mean_absolute_percentage_error": MeanLoss("", mean_loss.relative),
    "mean_squared_log_error": MeanLoss("", mean_loss.squared_logs),
    "root_mean_squared_log_error": MeanLoss("", mean_loss.squared_logs, mean_loss.root),
    "r2": MeanLoss("", mean_loss.spread, mean_loss.r2, is_loss=False),
    "log_loss": MeanLoss("", mean_loss.surprise),
    "brier_score": MeanLoss("", mean_loss.brier),
}
_NEEDS_POSITIVE = frozenset(
    "f1 precision recall jaccard average_precision positive_likelihood_ratio negative_likelihood_ratio "
    "neg_negative_likelihood_ratio".split()
)
_SEVERAL_CLASSES = {
    "f1": ("f1_macro", "f1_weighted", "f1_micro"),
    "precision": ("precision_macro", "precision_weighted", "precision_micro"),
    "recall": ("recall_macro", "recall_weighted", "recall_micro"),
    "jaccard": ("jaccard_macro", "jaccard_weighted", "jaccard_micro"),
    "roc_auc": ("roc_auc_ovr", "roc_auc_ovo"),
    "average_precision": ("roc_auc_ovr", "f1_macro"),
}


_OF_NUMBERS = frozenset({"r2", "explained_variance", "d2_absolute_error_score", "max_error"})


def wants_numbers(names: Iterable[str]) -> bool:
    """Whether one of these metrics is for models that predict numbers (error and deviance are of numbers only)."""
    full = {PEOPLES_NAMES.get(name, name) for name in names}
    return any(name in _OF_NUMBERS or "_error" in name or "_deviance" in name for name in full - set(SPECIAL))


def known_names(scorers: Scorers | None = None) -> list[str]:
    """Every name that a check line may start with, for completion and near names."""
    from sklearn.metrics import get_scorer_names

    names = get_scorer_names()
    positive = [name.removeprefix("neg_") for name in names if name.startswith("neg_")]
    return sorted({*names, *positive, *PEOPLES_NAMES, *SPECIAL, *(scorers or ())})


def refuse_bad_scorers(scorers: Scorers) -> None:
    """Raises BadInput for a scorer of one's own that bears a known name, or is nothing that can score."""
    taken = {*known_names(), *BARE_ALIASES, "alias"}
    for name, scorer in scorers.items():
        if not isinstance(name, str) or not is_bare(name) or name.startswith("_"):
            raise BadInput(f"{shown_label(name)} cannot name a scorer.", "Use letters, digits and _: cost_per_case.")
        if name in taken:
            raise BadInput(f"{name} has a meaning already, so no scorer can bear it.", f"Call it my_{name}.")
        if not callable(scorer) and not isinstance(scorer, str):
            raise BadInput(f"The scorer {name} is a {type(scorer).__name__}.", "Give make_scorer(…) or a function.")


def metric_named(name: str, data: HeldOut, scorers: Scorers) -> Metric:
    """The metric of this name for this task; BadInput lists near names, or those that fit several classes."""
    own = scorers.get(name)
    if callable(own):
        return Own(name, own)
    wanted = own if isinstance(own, str) else name
    wanted = PEOPLES_NAMES.get(wanted, wanted)
    _refuse_wrong_task(wanted, data)
    if wanted == "accuracy":
        return MeanLoss(name, mean_loss.right, is_loss=False)
    if wanted.removeprefix("neg_") in _MEANS and wanted != "neg_r2":
        found, turned = _MEANS[wanted.removeprefix("neg_")], wanted.startswith("neg_")
        return replace(found, name=name, sign=-1 if turned else 1, is_loss=found.is_loss and not turned)
    if data.classes is not None and len(data.classes) == 2 and wanted in ("roc_auc", "average_precision"):
        return Ranked(name, getattr(ranked, wanted))
    if data.classes is not None and len(data.classes) > 2 and wanted in ("roc_auc_ovr", "roc_auc_ovr_weighted"):
        return EachAgainstRest(name, weighted=wanted.endswith("weighted"))
    if data.classes is not None and (found_ratio := confused(name, wanted)) is not None:
        return found_ratio
    return _by_scorer(name, wanted, scorers)


def _by_scorer(name: str, wanted: str, scorers: Scorers) -> Metric:
    """The metric by scikit-learn's own scorer."""
    from sklearn.metrics import get_scorer, get_scorer_names

    names = get_scorer_names()
    if wanted in names:
        return Scored(name, get_scorer(wanted))
    if f"neg_{wanted}" in names:
        return Scored(name, get_scorer(f"neg_{wanted}"), sign=-1)
    hint = near(wanted, known_names(scorers)) or "Any scorer of scikit-learn works, or your own by scorers=."
    raise BadInput(f"{one_line(wanted, most=60)} is not a metric.", hint)


def _refuse_wrong_task(name: str, data: HeldOut) -> None:
    """Raises BadInput where the classes of the model do not fit the metric."""
    if data.classes is None:
        return
    if len(data.classes) > 2 and name in _SEVERAL_CLASSES:
        raise BadInput(
            f"{name} is for two classes; this model has {len(data.classes)}.",
            f"For several classes: {', '.join(_SEVERAL_CLASSES[name])}.",
        )
    if len(data.classes) == 2 and name == "top_k_accuracy":
        raise BadInput("top_k_accuracy of two classes is always 1.", "Use accuracy or roc_auc.")
    if len(data.classes) == 2 and name in _NEEDS_POSITIVE and not data.positive_known:
        raise BadInput(
            f"{name} needs to know which of {data.shown_classes()} is the positive class.",
            f"Say --positive {one_line(str(data.classes[1]), most=40)} (Python: positive={data.classes[1]!r}).",
        )
