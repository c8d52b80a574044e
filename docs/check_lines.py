"""The section "Check lines" of `docs/reference.md`: every form of a check, what it means, what it is called.

Each form shown is parsed and each name is looked up while the page is made: what the program doesn't take stops it.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb_mlops.core.checks import MAX_LINES, Check, parse_lines
from nb_mlops.core.measures import (
    BARE_ALIASES,
    CALIBRATION,
    DRIFT,
    LATENCY,
    LEAKAGE,
    MEMORY,
    MIN_SEGMENT_ROWS,
    OVERLAP,
    OWN_ONLY,
    SIZE,
    SPECIAL,
)
from nb_mlops.evaluation import known_names
from nb_mlops.evaluation.metrics import PEOPLES_NAMES
from nb_mlops.evaluation.resampling import LEVEL
from nb_mlops.evaluation.robustness import NOISE

FORMS = {
    "roc_auc >= 0.85": "the version's metric on the held-out rows, against a number; also `==` `!=` `<` `<=` `>`",
    "0.2 <= recall <= 0.4": "a range: two comparisons, three terms at most",
    "rmse <= 12.5": "an error by its positive name: smaller is better",
    "neg_root_mean_squared_error >= -12.5": "the same as scikit-learn has it: larger is better",
    "roc_auc >= production.roc_auc": "against the version in production, measured on the same rows",
    "roc_auc >= production.roc_auc - 0.005": "not worse by more than a margin, decided by the paired interval (below)",
    "rmse <= production.rmse * 1.02": "the same for an error, and for a margin in per cent",
    "mae <= staging.mae * 1.1": "`+ - * /` and brackets, between numbers and measures",
    'roc_auc >= alias("pre-prod").roc_auc': "against any other alias",
    "f1.by(region).min >= 0.7": "the smallest over segments (the rows of each value of a column): of `f1` the worst",
    'mae.by("Home Region").max <= 20': "the largest: of an error the worst; a name with spaces is quoted",
    "recall.by(sex).gap <= 0.1": "the largest less the smallest",
    "accuracy.by(region).mean >= production.accuracy.by(region).mean": "the mean over segments, each counting once",
    "roc_auc.ci_low >= 0.8": f"the lower end of the {LEVEL:.0%} bootstrap interval",
    "roc_auc.ci_high <= 0.99": "its upper end",
    "roc_auc.noisy >= 0.8": f"with Gaussian noise of {NOISE} standard deviations added to every numeric column",
    "roc_auc.missing >= 0.7": "the worst value when one column is missing: NaN where the model takes it, else its "
    "median or most frequent value; the result names the column",
    "f1 >= {least}": "`{name}`: a number or text that the notebook holds (Python: `names=`); a value, never code",
    "f1 >= 0.7  # agreed in May": "a comment; empty lines are fine too",
}
MEANINGS = {
    SIZE: "megabytes (10⁶ bytes) of the stored artifact",
    LATENCY: "milliseconds of one single-row `predict` on this machine",
    CALIBRATION: "how far probabilities are from what happens, 0 to 1, over bins of equal mass",
    OVERLAP: "the share of held-out rows that were trained on, beyond what chance duplicates explain",
    MEMORY: "peak megabytes (10⁶ bytes) above what was there, while all rows are predicted; what `tracemalloc` sees: "
    "Python and NumPy, not what C++ libraries take for themselves",
    LEAKAGE: "the largest skill of one feature alone, 0.5 (none) to 1 (perfect): the area under its ROC curve, for "
    "several classes the mean over pairs of them, for numbers half the rank correlation above a half",
    DRIFT: "the largest distance of a column of the held-out data from the training data's baseline",
}
METRICS = {
    "two classes": "accuracy balanced_accuracy roc_auc average_precision f1 precision recall jaccard log_loss brier",
    "several classes": "accuracy f1_macro f1_weighted precision_macro recall_macro roc_auc_ovr roc_auc_ovo log_loss",
    "numbers": "rmse mae mape medae mse msle rmsle r2 explained_variance max_error",
}
RULES = (
    "Names: every scorer of scikit-learn; every `neg_…` one also without its prefix, then positive; your own by "
    "`--scorer NAME` (Python: `scorers=`). For two classes, `f1`, `precision` and their like may ask for `--positive`.",
    "A margin to another alias (one metric, over all rows, `-` `+` a number or `*` a factor) is *non-inferiority*: the "
    "check passes where the one-sided 95 % end of the paired difference, resampled on the same rows for both models, "
    f"keeps to it. Under {MIN_SEGMENT_ROWS} rows the point decides, and the result says so. Without a margin the point "
    "decides and the paired interval is shown.",
    "What the policy requires is checked too, typed or not, and marked *(policy)*; where it cannot be computed it is "
    "*not judged*, and the validation has not passed.",
    f"A segment counts from {MIN_SEGMENT_ROWS} rows on; the result names those left out. Where none is left, and for "
    f"an interval or `{CALIBRATION}` of fewer rows, the check has *too few*.",
    "*Not applicable* is what cannot be measured here: nothing is in `production` yet, no baseline was kept, the size "
    "is not known. A check that is not applicable, or has too few rows, passes and says so; it proves nothing.",
    "NaN, and what is divided by zero, fails. Numbers that differ by rounding alone are equal.",
    f"At most {MAX_LINES} lines; a line that is no check stops everything before anything is measured.",
)


def check_lines() -> Iterator[str]:
    """The section, in parts."""
    yield "One a line, below `%%validate` or in a list given to `nb_mlops.validate`. Parsed, never run as Python.\n"
    yield from table("form", "meaning", ((f"`{taken(form)}`", said) for form, said in FORMS.items()))
    yield from table("besides metrics", "meaning", map(special, SPECIAL))
    yield from table("the model tells", "the usual metrics", map(usual, METRICS))
    yield from table("short", "is", ((f"`{short}`", f"`{known(full)}`") for short, full in PEOPLES_NAMES.items()))
    yield from (f"- {rule}" for rule in RULES)


def table(left: str, right: str, rows: Iterator[tuple[str, str]]) -> Iterator[str]:
    """A table of two columns."""
    yield f"| {left} | {right} |\n|---|---|"
    yield from (f"| {one} | {other} |" for one, other in rows)
    yield "\n"


def taken(form: str) -> str:
    """The form, once it was read as a check."""
    (check,) = parse_lines(form, {"least": 0.7})
    for measure in check.needs():
        known(measure.name)
    return form


def special(name: str) -> tuple[str, str]:
    """A measure that is no metric: how it is asked for, and what it gives."""
    ways = [f"{name}.{asked}" for asked in SPECIAL[name]] or [name]
    for way in ways:
        Check.parse(f"{way} <= 1")
    whose = "" if name not in OWN_ONLY else "; of the version itself only, not of an alias"
    return ", ".join(f"`{way}`" for way in ways), MEANINGS[name] + whose


def usual(task: str) -> tuple[str, str]:
    """The usual metrics of a task."""
    return task, ", ".join(f"`{known(name)}`" for name in METRICS[task].split())


def known(name: str) -> str:
    """The name, where a check may start with it."""
    if name not in known_names() or name in BARE_ALIASES:
        raise LookupError(f"{name} is no measure: mend docs/check_lines.py")
    return name
