"""A model and held-out data to numbers: each check gets the measures it needs, computed once.

`evaluate` is the story: `held_out` takes the rows in, `answers` asks the model once, `metrics` knows the names,
and `mean_loss`, `confusion`, `ranked` and `scored` are the ways a metric is computed: over all rows, by segment or
resampled.
"""

from nb_mlops.evaluation.evaluate import Evaluation, evaluate
from nb_mlops.evaluation.metrics import known_names
from nb_mlops.evaluation.overlap import sketch_rows

__all__ = ["Evaluation", "evaluate", "known_names", "sketch_rows"]
