"""What a Jupyter Server pays for us when it starts: nothing heavy is imported, and no file is made.

How long it takes is a figure of the benchmarks, not of a test.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

START = """
import json, sys
from types import SimpleNamespace
import jupyter_server.serverapp
from jupyter_server.base.handlers import APIHandler  # what every server has loaded before its extensions
before = set(sys.modules)
import nb_mlops.server
web_app = SimpleNamespace(settings={"base_url": "/"}, add_handlers=lambda host, handlers: None)
nb_mlops.server._load_jupyter_server_extension(SimpleNamespace(web_app=web_app))
print(json.dumps(sorted(name.partition(".")[0] for name in set(sys.modules) - before)))
"""
HEAVY = {"numpy", "pandas", "sklearn", "sqlalchemy", "plotly", "skops", "scipy", "pyarrow", "papermill", "IPython"}


def test_a_server_starts_with_us_and_imports_nothing_heavy_and_makes_no_file(tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", START], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert HEAVY & set(json.loads(ran.stdout)) == set()
    assert list(tmp_path.iterdir()) == []
