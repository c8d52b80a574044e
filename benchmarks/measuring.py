"""How a figure is taken: in a process of its own, several times, the median reported."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any


def seconds(act: Callable[[], Any], *, times: int = 9, warm: int = 1) -> float:
    """The median of `times` runs, after `warm` that do not count."""
    taken = []
    for place in range(warm + times):
        begun = time.perf_counter()
        act()
        if place >= warm:
            taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def reset_peak() -> None:
    """Begins `peak_megabytes` anew, where the system can (Linux): a fit's peak would hide what comes after it."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_megabytes() -> float:
    """The most memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def apart(module: str, name: str, *arguments: str, runs: int = 1) -> dict[str, float]:
    """The figures that `module.name(*arguments)` returns in a fresh process; the median of each over `runs`."""
    code = f"import json, {module} as m; print('FIGURES' + json.dumps(m.{name}(*{list(arguments)!r})))"
    found: dict[str, list[float]] = {}
    for _ in range(runs):
        done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False)
        line = next((line for line in done.stdout.splitlines() if line.startswith("FIGURES")), None)
        if line is None:
            raise RuntimeError(f"{module}.{name} failed:\n{done.stderr[-3000:]}")
        for key, value in json.loads(line.removeprefix("FIGURES")).items():
            found.setdefault(key, []).append(value)
    return {key: statistics.median(values) for key, values in found.items()}


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
