"""`python -m benchmarks [PART ...]`: runs every part (or the named ones) and prints one table in Markdown.

Each row was measured for both tools in this run, on this machine. Times are medians; these machines are noisy, so the
ratio is worth more than the time. Goals are the project's own.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator

from benchmarks.measuring import apart

Row = tuple[str, str, str, str]  # (act, ours, MLflow's, goal)

OURS, PEER, EVIDENCE = "benchmarks.ours", "benchmarks.mlflow_peer", "benchmarks.evidence"
GOVERNANCE = "benchmarks.governance"


def start() -> Iterator[Row]:
    """Start-up."""
    ours, peer = apart(OURS, "load_ext", runs=5)["seconds"], apart(PEER, "import_time", runs=2)["seconds"]
    yield "`%load_ext nb_mlops` / `import mlflow`", _ms(ours), _ms(peer), "≤ 150 ms"
    ours, peer = apart(OURS, "new_registry")["seconds"], apart(PEER, "new_registry")["seconds"]
    yield "Jupyter Server starts with the extension", _ms(apart(OURS, "server_start", runs=3)["seconds"]), "", "≤ 30 ms"
    yield "new registry", _ms(ours), _ms(peer), "≤ 50 ms"


def register() -> Iterator[Row]:
    """Registering small models, everything captured by default."""
    first = apart(OURS, "first_register", runs=3)["seconds"]
    yield "first registration after a fit", _ms(first), "", "≤ 1,000 ms"
    for kind, what in (("small", "scaler + logistic regression"), ("mixed", "columns + gradient boosting")):
        ours = apart(OURS, "register", kind)["seconds"]
        default = apart(PEER, "register", kind, "inferred")["seconds"]
        given = apart(PEER, "register", kind, "given")["seconds"]
        goal = "≤ 25 ms" if kind == "small" else ""
        yield f"register: {what}", _ms(ours), f"{_ms(default)} ({_ms(given)} with requirements given)", goal
    yield "a grid search of 100 fits, magics loaded", f"{apart(OURS, 'search')['overhead']:+.1%}", "", "< 2 %"
    yield "load by alias, verified", _ms(apart(OURS, "load")["seconds"]), _ms(apart(PEER, "load")["seconds"]), "≤ 5 ms"


def large() -> Iterator[Row]:
    """A random forest of about 500 MB."""
    peer = apart(PEER, "large_model")
    for kind, most, memory_goal in (("joblib", "1.3", "≤ 100 MB"), ("skops", "1.7", "≤ 1.2 × the model")):
        ours = apart(OURS, "large_model", kind)
        size = f"{ours['megabytes']:.0f} MB by {kind}"
        beside = f"{_s(ours['first'])}, {ours['first_ratio']:.2f} × its own dump"
        yield f"register {size}", beside, _s(peer["first"]), f"≤ {most} × dump + fsync"
        memory = f"{ours['memory']:.0f} MB"
        yield f"… memory above the model, {kind}", memory, f"{peer['memory']:.0f} MB", memory_goal
        again = f"{_s(ours['again'])}, {ours['again_ratio']:.2f} × serialise + hash"
        yield f"… again, {kind}", again, _s(peer["again"]), "≤ 1.2 ×"
        added = f"{ours['added'] / 1e6:.1f} MB"
        yield f"… bytes added again, {kind}", added, f"{peer['added'] / 1e6:.0f} MB", "0"


def many() -> Iterator[Row]:
    """Looking among many versions."""
    ours, peer = apart(OURS, "many_versions", "100000"), apart(PEER, "many_versions", "1000")
    yield "get by alias, 100,000 versions (MLflow: 1,000)", _ms(ours["get"]), _ms(peer["get"]), "≤ 0.5 ms"
    yield "search by tag, 100,000 versions (MLflow: 1,000)", _ms(ours["tag"]), _ms(peer["tag"]), "≤ 10 ms"
    yield "search by metric, 100,000 versions", _ms(ours["metric"]), "", "≤ 10 ms"
    yield "page of 100 models, 100,000 versions (MLflow: 1,000)", _ms(ours["models"]), _ms(peer["models"]), ""


def together() -> Iterator[Row]:
    """8 processes into one SQLite file."""
    ours, peer = apart(OURS, "processes", "versions"), apart(PEER, "processes")
    lost = "none lost" if not ours["lost"] else "VERSIONS LOST"
    shown = f"{ours['per_second']:.0f}/s, p99 {_ms(ours['p99'])}, {lost}"
    theirs = f"{peer['per_second']:.0f}/s, p99 {_ms(peer['p99'])}"
    yield "8 processes, versions alone", shown, theirs, "≥ 400/s, p99 ≤ 200 ms"
    ours = apart(OURS, "processes", "registrations")
    lost = "none lost" if not ours["lost"] else "VERSIONS LOST"
    yield "8 processes, whole registrations", f"{ours['per_second']:.0f}/s, {lost}", "", "≥ 80/s"


def data() -> Iterator[Row]:
    """Training data and outputs."""
    yield "1M × 20 training data adds", _ms(apart(OURS, "training_data")["seconds"]), "", "≤ 500 ms"
    sizes = apart(OURS, "outputs")
    yield "output of a register cell", f"{sizes['register'] / 1e3:.1f} kB", "", "≤ 30 kB"
    yield "output of a drift cell, 12 windows × 20 columns", f"{sizes['drift'] / 1e3:.1f} kB", "", "≤ 60 kB"


def evidence() -> Iterator[Row]:
    """What a validation measures; the peer is a plain loop over scikit-learn's own metrics, not MLflow."""
    ours, peer = apart(EVIDENCE, "intervals", runs=3), apart(EVIDENCE, "plain_loop")
    what = f"intervals of {ours['metrics']:.0f} metrics, 100,000 rows, {ours['resamples']:,.0f} resamples"
    plain = f"{_s(peer['seconds'])} (scikit-learn, a loop; {peer['ran']:.0f} resamples ran)"
    yield what, _s(ours["seconds"]), plain, "≤ 3 s on 2 cores"
    yield "paired difference to production, 10,000 rows", _ms(apart(EVIDENCE, "paired")["seconds"]), "", ""
    small = apart(EVIDENCE, "small", runs=3)
    shown = f"{_ms(small['whole'])}, of which importance {_ms(small['importance'])}, leakage note {_ms(small['note'])}"
    yield "validate: 400 rows × 3 columns, one check", shown, "", ""
    yield "leakage note, 100,000 × 20", _ms(apart(EVIDENCE, "note")["seconds"]), "", "≤ 50 ms"


def audit() -> Iterator[Row]:
    """Verifying a long history; MLflow keeps none."""
    found = apart(OURS, "audit_verify", "300000")
    yield "audit verify, the chain of 300,000 events in SQLite", _rate(found["chain"]), "", "≥ 300,000 events/s"
    yield "… in one process", _rate(found["one_process"]), "", ""
    yield "… in memory, one process", _rate(found["memory"]), "", ""
    yield "… with all rows replayed and compared", _rate(found["verify"]), "", ""


def governance() -> Iterator[Row]:
    """Gates and promotions; MLflow has no gate, its alias is set by anybody."""
    found = apart(GOVERNANCE, "gate")
    shown = f"{_ms(found['p50'])}, worst {_ms(found['worst'])}"
    yield f"gate at high stakes, {found['events']:,.0f} events of the model", shown, "has none", "≤ 10 ms"
    found, peer = apart(GOVERNANCE, "promote"), apart(PEER, "set_alias")
    shown = f"{_ms(found['p50'])}, worst {_ms(found['worst'])}"
    yield "promote at low stakes / set an alias", shown, f"{_ms(peer['p50'])}, nothing decided", "≤ 20 ms"
    yield "append, one process", f"{apart(GOVERNANCE, 'append')['per_second']:,.0f}/s", "", ""


def _rate(value: float) -> str:
    return f"{value:,.0f} events/s"


PARTS: tuple[Callable[[], Iterator[Row]], ...] = (
    start,
    register,
    large,
    many,
    together,
    data,
    evidence,
    audit,
    governance,
)


def main(wanted: list[str]) -> None:
    """Prints the table, row by row as they come."""
    import mlflow

    import nb_mlops

    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"nb_mlops {nb_mlops.__version__}, MLflow {mlflow.__version__}\n")
    print("| act | nb_mlops | MLflow | goal |\n|---|---|---|---|", flush=True)
    for part in PARTS:
        if not wanted or part.__name__ in wanted:
            for row in part():
                print(f"| {' | '.join(row)} |", flush=True)


def _ms(value: float) -> str:
    return f"{value * 1e3:,.2f} ms" if value < 0.01 else f"{value * 1e3:,.0f} ms"


def _s(value: float) -> str:
    return f"{value:.2f} s"


if __name__ == "__main__":
    main(sys.argv[1:])
