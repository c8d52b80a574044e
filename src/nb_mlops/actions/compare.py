"""`compare`: two or more versions side by side."""

from __future__ import annotations

from nb_mlops.actions.connect import current
from nb_mlops.actions.find import find_version
from nb_mlops.actions.registry import Registry
from nb_mlops.core.comparison import Comparison
from nb_mlops.core.comparison import compare as compare_versions
from nb_mlops.core.errors import BadInput
from nb_mlops.core.version import Version


def compare(*refs: str | Version, registry: Registry | str | None = None) -> Comparison:
    """What differs between the versions in metrics, parameters, data, environment, artifact and code."""
    if len(refs) < 2:
        raise BadInput("A comparison needs two versions or more.", "Like: %compare churn@1 churn@2")
    place = current(registry)
    return compare_versions([find_version(place, ref) for ref in refs])
