"""Runs real verbs in children that can be killed: everything is imported and warmed once, then forked per order.

stdin, one order a line:  VERB ADDRESS BLOBS    (VERB: register, promote; ADDRESS: a folder or postgresql://…)
stdout:                   the child's pid; the child begins when it gets SIGUSR1; when it has ended, its status
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import warnings
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psycopg  # noqa: F401  here, so that no child has to
import sqlalchemy.dialects.postgresql.psycopg  # noqa: F401
from sklearn.linear_model import LogisticRegression

from nb_mlops.actions.promote import promote
from nb_mlops.actions.register import register
from nb_mlops.actions.registry import Registry
from nb_mlops.core.event import Actor
from nb_mlops.storage.blobs_local import LocalBlobs
from nb_mlops.storage.catalog_sql import SqlCatalog

ROWS = np.arange(120.0).reshape(30, 4) % 7


def place(address: str, blobs: str) -> Registry:
    """The registry at an address."""
    is_database = address.startswith("postgresql://")
    catalog = SqlCatalog.postgresql(address) if is_database else SqlCatalog.sqlite(Path(address) / "catalog.sqlite")
    return Registry(catalog, LocalBlobs(Path(blobs)), Actor("kate@example.org"), "the registry")


def act(verb: str, registry: Registry) -> None:
    """Registers a model that is new each time, or promotes the newest version."""
    if verb == "promote":
        promote("churn@latest", registry=registry, reason="because")
        return
    labels = (ROWS[:, 0] + datetime.now(UTC).microsecond % 3 > 3).astype(int)
    model = LogisticRegression(C=1 + datetime.now(UTC).timestamp() % 1000).fit(ROWS, labels)
    register(model, "churn", data=(ROWS, labels), registry=registry, again=True)


def warm_up() -> None:
    """Whatever is imported or cached at the first use is there before the first fork."""
    with tempfile.TemporaryDirectory(prefix="nb_mlops-warm-") as folder:
        registry = place(folder, f"{folder}/blobs")
        for verb in ("register", "promote"):
            act(verb, registry)
        registry.catalog.close()


def run_child(verb: str, address: str, blobs: str) -> int:
    """The child's exit status: 0 when the verb was done."""
    signal.sigwait({signal.SIGUSR1})
    act(verb, place(address, blobs))
    return 0


def main() -> None:
    """Obeys until stdin ends."""
    warnings.simplefilter("ignore")
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    warm_up()
    print("ready", flush=True)
    for order in sys.stdin:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                status = run_child(*order.split())
            finally:
                sys.stderr.flush()
                os._exit(status)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
