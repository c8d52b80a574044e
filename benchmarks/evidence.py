"""What a validation costs, beside a plain loop over scikit-learn's metrics. Every function runs in its own process."""

from __future__ import annotations

import tempfile
import time
from typing import Any

import numpy as np

from benchmarks.measuring import seconds

NAMES = (
    "roc_auc average_precision log_loss brier accuracy balanced_accuracy f1 precision recall matthews_corrcoef".split()
)
RESAMPLES = 1_000
RAN = 20  # resamples of the plain loop that really run; the rest is the same again


def task(rows: int = 100_000, columns: int = 8) -> tuple[Any, Any, Any]:
    """A logistic regression, and rows that it was not fitted on."""
    from sklearn.linear_model import LogisticRegression

    random = np.random.default_rng(0)
    X = random.normal(size=(rows + 1_000, columns))
    y = (X @ random.normal(size=columns) + 2 * random.normal(size=len(X)) > 1).astype(int)
    return LogisticRegression().fit(X[:1_000], y[:1_000]), X[1_000:], y[1_000:]


def intervals() -> dict[str, float]:
    """Both ends of the interval of ten metrics."""
    from nb_mlops.core.checks import parse_lines
    from nb_mlops.evaluation import evaluate
    from nb_mlops.evaluation.resampling import resample_count

    model, X, y = task()
    checks = parse_lines("\n".join(f"{name}.ci_low > -1\n{name}.ci_high > -1" for name in NAMES))
    taken = seconds(lambda: evaluate(checks, estimator=model, X=X, y=y), times=5)
    return {"seconds": taken, "metrics": len(NAMES), "resamples": resample_count(len(y))}


def plain_loop() -> dict[str, float]:
    """The same by drawing rows of each class and asking scikit-learn every time."""
    from sklearn import metrics

    model, X, y = task()
    probability, label = model.predict_proba(X)[:, 1], model.predict(X)
    of_scores = (metrics.roc_auc_score, metrics.average_precision_score, metrics.log_loss, metrics.brier_score_loss)
    of_labels = (
        *(metrics.accuracy_score, metrics.balanced_accuracy_score, metrics.f1_score, metrics.precision_score),
        *(metrics.recall_score, metrics.matthews_corrcoef),
    )
    random, classes = np.random.default_rng(0), [np.flatnonzero(y == code) for code in (0, 1)]
    begun = time.perf_counter()
    for _ in range(RAN):
        rows = np.concatenate([random.choice(each, len(each)) for each in classes])
        for score in of_scores:
            score(y[rows], probability[rows])
        for score in of_labels:
            score(y[rows], label[rows])
    return {"seconds": (time.perf_counter() - begun) * RESAMPLES / RAN, "ran": RAN}


def paired() -> dict[str, float]:
    """A margin to production, decided by 2,000 paired resamples."""
    from nb_mlops.core.checks import parse_lines
    from nb_mlops.evaluation import evaluate

    (model, X, y), (other, _, _) = task(10_000), task(10_000, 8)
    checks = parse_lines("roc_auc >= production.roc_auc - 0.005")
    return {"seconds": seconds(lambda: evaluate(checks, estimator=model, X=X, y=y, production=lambda alias: other))}


def small() -> dict[str, float]:
    """An ordinary small validation, recorded; and what the parts that nobody asked for add."""
    import pandas as pd

    import nb_mlops
    from nb_mlops.evaluation.answers import Answers
    from nb_mlops.evaluation.held_out import HeldOut
    from nb_mlops.evaluation.leakage import leakage_note

    model, X, y = task(400, 3)
    X = pd.DataFrame(X, columns=list("abc"))
    model.fit(X, y)
    nb_mlops.connect(tempfile.mkdtemp(), actor="ann")
    version = nb_mlops.register(model, "churn", data=(X, y))
    held_out = X * 1.01, y

    def run(importance: bool) -> float:
        checks = ["roc_auc >= 0.6"]
        return seconds(lambda: nb_mlops.validate(version, checks, data=held_out, importance=importance), times=15)

    answers = Answers(model, HeldOut.of(*held_out, estimator=model))
    whole = run(True)
    return {"whole": whole, "importance": whole - run(False), "note": seconds(lambda: leakage_note(answers))}


def note() -> dict[str, float]:
    """The look for a feature that gives the target away, unasked."""
    from nb_mlops.evaluation.answers import Answers
    from nb_mlops.evaluation.held_out import HeldOut
    from nb_mlops.evaluation.leakage import leakage_note

    model, X, y = task(100_000, 20)
    answers = Answers(model, HeldOut.of(X, y, estimator=model))
    return {"seconds": seconds(lambda: leakage_note(answers))}
