"""The slice's proof is running it: in a fresh namespace it must give what the whole notebook gave."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nb_mlops.capture.effects import effects_of
from nb_mlops.capture.slices import slice_of, sliced
from nb_mlops.core.lineage import Cell


def cells(*sources: str, failed: int | None = None) -> list[Cell]:
    return [Cell(None, n, textwrap.dedent(s).strip("\n"), n == failed) for n, s in enumerate(sources, 1)]


def numbers(*sources: str, target: str = "x") -> list[int | None]:
    return [cell.number for cell in slice_of([*cells(*sources), Cell(None, 99, "")], [target]).cells][:-1]


def run(ran: list[Cell], target: str) -> object:
    names: dict[str, object] = {"__name__": "__main__"}
    for cell in ran:
        exec(cell.source, names)  # the notebook itself
    return names[target]


# Each: the cells, and the numbers of those that `x` depends on.
TRAPS: dict[str, tuple[list[str], list[int]]] = {
    "a looked-at frame": (["d = {'a': 1}", "print(d)", "len(d)", "x = d['a']"], [1, 4]),
    "a global that a function reads, set later": (["k = 1", "def f(): return k", "k = 2", "x = f()"], [2, 3, 4]),
    "a global through two functions": (
        ["def f(): return g() + 1", "def g(): return k", "k = 3", "x = f()"],
        [1, 2, 3, 4],
    ),
    "a function redefined after its use": (["def f(): return 1", "x = f()", "def f(): return 2"], [1, 2]),
    "a change through an alias": (["a = [1]", "b = a", "b.append(2)", "c = 3", "x = sum(a)"], [1, 2, 3, 5]),
    "a change through a container": (["a = [1]", "d = {'k': a}", "d['k'].append(5)", "x = list(a)"], [1, 2, 3, 4]),
    "a change through a loop": (["a, b = [1], [2]", "for p in [a, b]:\n    p.append(0)", "x = a + b"], [1, 2, 3]),
    "a change through an argument": (["def f(v): v.append(1)", "a = []", "f(a)", "x = list(a)"], [1, 2, 3, 4]),
    "an argument that is copied first": (
        ["def f(v):\n    v = v.copy()\n    v.append(1)\n    return v", "a = [0]", "b = f(a)", "x = list(a)"],
        [2, 4],
    ),
    "a change through a nested function": (
        ["def f(v):\n    def g(w): w.append(1)\n    g(v)", "a = []", "f(a)", "x = list(a)"],
        [1, 2, 3, 4],
    ),
    "a function that changes a global": (
        ["n = [0]", "def f(): n.append(1)", "f()", "f()", "x = sum(n)"],
        [1, 2, 3, 4, 5],
    ),
    "global": (["n = 0", "def f():\n    global n\n    n = n + 5", "f()", "x = n"], [1, 2, 3, 4]),
    "a default argument": (["k = 7", "def f(a=k): return a", "k = 8", "x = f()"], [1, 2, 4]),
    "a subscript that is set": (["d = {}", "d['x'] = 1", "e = 2", "x = d['x']"], [1, 2, 4]),
    "an attribute that is set": (["class A: pass", "o = A()", "o.v = 3", "x = o.v"], [1, 2, 3, 4]),
    "a method that changes its object": (
        ["class A:\n    v = 0\n    def predict(self): self.v = 9", "o = A()", "o.predict()", "x = o.v"],
        [1, 2, 3, 4],
    ),
    "a method that changes its argument": (
        ["class A:\n    def fit(self, r): r.append(1)", "o = A()", "r = []", "o.fit(r)", "x = list(r)"],
        [1, 2, 3, 4, 5],
    ),
    "a fit that keeps what it was given": (
        ["class A:\n    def fit(self, r): self.r = r", "o = A()", "r = [1]", "o.fit(r)", "r.append(2)", "x = sum(o.r)"],
        [1, 2, 3, 4, 5, 6],
    ),
    "augmented assignment": (["n = 1", "m = 2", "n += m", "m = 5", "x = n"], [1, 2, 3, 5]),
    "augmented through an alias": (["a = [1]", "b = a", "b += [2]", "x = list(a)"], [1, 2, 3, 4]),
    "a name bound anew": (["n = 1", "n = 2", "x = n"], [2, 3]),
    "a branch that may not bind": (["n = 1", "if n > 5:\n    n = 9", "x = n"], [1, 2, 3]),
    "branches that both bind": (["c = 1", "n = 0", "if c:\n    n = 1\nelse:\n    n = 2", "x = n"], [1, 3, 4]),
    "try": (["n = 0", "try:\n    n = int('q')\nexcept ValueError as e:\n    n = -1", "x = n"], [2, 3]),
    "del": (["list_ = [1]", "n = 2", "del list_", "list_ = [4]", "x = list_"], [4, 5]),
    "a builtin that was hidden for a while": (["len_ = len", "len = 3", "del len", "x = len('ab')"], [2, 3, 4]),
    "a comprehension's own names": (["i = 5", "v = [i for i in range(3)]", "x = i"], [1, 3]),
    "a comprehension that changes": (["a = [[1], [2]]", "_ = [p.append(0) for p in a]", "x = str(a)"], [1, 2, 3]),
    "a walrus in a comprehension": (["v = [t := n for n in range(4)]", "x = t"], [1, 2]),
    "a lambda's late name": (["f = lambda: k", "k = 4", "x = f()"], [1, 2, 3]),
    "a class body": (
        ["k = 2", "class A:\n    n = k\n    def m(self): return j", "k = 9", "j = 1", "x = A().m()"],
        [1, 2, 4, 5],
    ),
    "with": (["import io", "s = io.StringIO('q')", "with s as f:\n    t = f.read()", "x = t"], [1, 2, 3, 4]),
    "a for's target": (["for i in range(3):\n    pass", "x = i"], [1, 2]),
    "a decorator": (["def twice(f): return lambda: 2 * f()", "@twice\ndef g(): return 4", "x = g()"], [1, 2, 3]),
    "a decorator that registers": (
        ["known = []", "def add(f):\n    known.append(f)\n    return f", "@add\ndef g(): pass", "x = len(known)"],
        [1, 2, 3, 4],
    ),
    "match": (["p = (1, 2)", "match p:\n    case (a, b):\n        x = a + b"], [1, 2]),
    "unpacking": (["a, (b, *c) = 1, (2, 3, 4)", "d = 1", "x = c"], [1, 3]),
    "pairs": (["a, b = [1], [2]", "b.append(1)", "x = list(a)"], [1, 3]),
    "eval of a text": (["n = 3", "x = eval('n + 1')"], [1, 2]),
    "a generator that next() moves": (["g = iter([1, 2])", "next(g)", "x = next(g)"], [1, 2, 3]),
    "shuffle": (
        ["import random", "random.seed(1)", "a = [1, 2, 3, 4]", "random.shuffle(a)", "x = a[0]"],
        [1, 2, 3, 4, 5],
    ),
    "random numbers drawn before": (
        ["import random", "random.seed(1)", "random.random()", "y = 1", "x = random.random()"],
        [1, 2, 3, 5],
    ),
    "a new seed": (
        ["import random", "random.seed(1)", "random.random()", "random.seed(2)", "x = random.random()"],
        [1, 4, 5],
    ),
    "a closure": (
        ["def make():\n    n = [k]\n    return lambda: n[0]", "k = 6", "f = make()", "x = f()"],
        [1, 2, 3, 4],
    ),
    "partial": (
        ["from functools import partial", "a = []", "f = partial(a.append, 1)", "f()", "x = a"],
        [1, 2, 3, 4, 5],
    ),
    "a closure that counts": (
        [
            "def make():\n    n = []\n    def more():\n        n.append(1)\n        return len(n)\n    return more",
            "f = make()",
            "f()",
            "x = f()",
        ],
        [1, 2, 3, 4],
    ),
    "a function that hands out a global": (
        ["a = [1]", "def get(): return a", "b = get()", "b.append(2)", "x = sum(a)"],
        [1, 2, 3, 4, 5],
    ),
    "a constant changed after a function used it": (
        ["k = 2", "def f(v): return v * k", "y = f(3)", "k = 9", "x = y + 1"],
        [1, 2, 3, 5],
    ),
    "map's lambda": (["k = 2", "x = list(map(lambda v: v * k, [1]))"], [1, 2]),
    "setattr": (["class A: pass", "setattr(A, 'v', 1)", "x = A.v"], [1, 2, 3]),
    "async comes out as it is": (
        ["import asyncio\nasync def f(): return k", "k = 1", "x = asyncio.run(f())"],
        [1, 2, 3],
    ),
}


@pytest.mark.parametrize("name", TRAPS)
def test_the_slice_runs_in_a_fresh_namespace_and_gives_the_same(name: str) -> None:
    sources, expected = TRAPS[name]
    whole = cells(*sources)
    found = slice_of([*whole, Cell(None, 99, "")], ["x"])
    assert found.complete, found.notes
    assert [cell.number for cell in found.cells][:-1] == expected
    assert run(list(found.cells), "x") == run(whole, "x")


def test_files_written_and_read_belong_together(tmp_path: Path) -> None:
    sources = [
        f"from pathlib import Path\np = Path({str(tmp_path)!r})",
        "(p / 'a.txt').write_text('1')",
        "open(p / 'b.txt', 'w').close()",
        "x = (p / 'a.txt').read_text()",
    ]
    assert {1, 2, 4} <= set(numbers(*sources))
    assert numbers("open('a', 'w').close()", "open('b', 'w').close()", "x = open('a').read()") == [1, 3]


STATEMENTS = st.sampled_from(
    [
        *"{a} = [1, 2]|{a} = {b}|{a} = {b} + [{n}]|{a} = list({b})|{a}.append({n})|{a} += {b}[:1]|push({a})".split("|"),
        *"{a} = keep({b})|{a} = [v for v in {b}]|{a}, {b} = {b}, {a}|len({a})|{a} = {b}[:]|box['k'] = {a}".split("|"),
        *"box['k'].append({n})|{a} = box['k']|del {a}[1:]|{c}.append(show())|{a} = get()|get().append({n})".split("|"),
        *"def show(): return len({a})|def push(v): v.append({n})|def push(v): return v|def get(): return {a}".split(
            "|"
        ),
        *"bag = Bag({a})|bag.add({n})|{a} = bag.head()|bag.v = {a}|{a} = list(more({n}))|more = made()".split("|"),
        *"def show():\n    global n\n    n += 1\n    return n|{a}.extend(v for v in [n])|n = {n}".split("|"),
        *"show = lambda: len({a}) + n|{a}.append((lambda: n)())|{a} = [w for w in {b} if (n := n + 1)]".split("|"),
        *"for v in [{a}, {b}]:\n    v.append({n})|if len({a}) > {n}:\n    {b} = {c}|{a} = {b} or {c}".split("|"),
        *"if n:\n    {a} = [n]\nelse:\n    {a} = [{n}]|while len({a}) < {n}:\n    {a}.append(n)".split("|"),
        *"try:\n    {a} = [{b}[{n}]]\nexcept IndexError:\n    {a} = {c}".split("|"),
        *"def push(v):\n    v = v[:]\n    v.append(9)".split("|"),
        *"def keep(v):\n    def inner(): return v\n    return inner()".split("|"),
        *"def get():\n    {a}.append({n})\n    return {b}".split("|"),
        *"*{a}, {b} = {c}, {a}|{a}[:] = {b}|{a} = {b} if n else {c}".split("|"),
        *"{a} = {{'k': {b}}}['k']|{a} = (lambda v: v)({b})".split("|"),
    ]
)
NAMES = st.sampled_from("pqr")


FUNCTIONS = """
def push(v): v.append(0)
def keep(v): return v
def show(): return 1
def get(): return p
def made():
    held = []
    def more(v):
        held.append(v)
        return held
    return more
class Bag:
    def __init__(self, v): self.v = v
    def add(self, w): self.v.append(w)
    def head(self): return self.v
bag = Bag(q)
more = made()
"""


@st.composite
def notebooks(draw: st.DrawFn) -> list[str]:
    head = "p, q, r = [0], [1], [2]\nbox = {'k': []}\nn = 1\n" + FUNCTIONS
    body = [
        draw(STATEMENTS).format(a=draw(NAMES), b=draw(NAMES), c=draw(NAMES), n=draw(st.integers(0, 4)))
        for _ in range(draw(st.integers(1, 14)))
    ]
    return [head, *body]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(notebooks())
def test_slices_of_any_small_notebook_give_what_the_notebook_gave(sources: list[str]) -> None:
    whole = cells(*sources)
    for target in "pqr":
        found = slice_of([*whole, Cell(None, 99, "")], [target])
        # As text: a list may have come to hold itself.
        assert repr(run(list(found.cells), target)) == repr(run(whole, target)), found.source


def test_the_slice_of_a_fit_gives_the_same_model_in_a_fresh_process() -> None:
    whole = cells(
        "import numpy as np",
        "class Line:\n    def fit(self, X, y):\n        self.coef_ = np.linalg.lstsq(X, y)[0]\n        return self",
        "rows = np.random.default_rng(3).normal(size=(60, 2))",
        "rows.mean()",
        "scale = 2.0",
        "def prepare(values):\n    return values * scale",
        "X, y = prepare(rows), rows[:, 0] > 0",
        "scale = 100.0",
        "X.shape",
        "model = Line().fit(X, y)",
        "answers = X @ model.coef_",
    )
    found = slice_of([*whole, Cell(None, 99, "")], ["model"])
    assert [cell.number for cell in found.cells] == [1, 2, 3, 5, 6, 7, 10, 99]
    program = found.source + "\nprint(model.coef_.tolist())"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.strip() == str(run(whole, "model").coef_.tolist())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("sources", "note"),
    [
        (["x = nowhere + 1"], "uses `nowhere`, which no cell"),
        (["code = input", "exec(code)", "x = 1"], "runs exec()"),
        (["globals()['x'] = 1"], "runs globals()"),
        (["from not_loaded_here import *", "x = thing()"], "may come from `from not_loaded_here import *`"),
        (["%run other.py", "x = value"], "a magic that runs other code"),
        (["import numpy as np", "x = np.random.rand()"], "random numbers without a seed"),
        (["import numpy as np", "x = np.random.default_rng().normal()"], "default_rng() was given no seed"),
        (["1 + 1", "x = _1"], "uses `_1`, whose number changes"),
        (["from sklearn.ensemble import RandomForestClassifier as F", "x = F()"], ""),
        (["%%unheard_of\nabc"], "runs %%unheard_of"),
    ],
)
def test_what_cannot_be_followed_makes_the_slice_incomplete(sources: list[str], note: str) -> None:
    found = slice_of([*cells(*sources), Cell(None, 99, "")], ["x"])
    said = [one for one in found.notes if note in one]
    assert not note or said
    assert all(one.startswith("slice incomplete: ") for one in found.notes)
    assert found.complete == (not found.notes)


def test_a_forest_without_random_state_draws_and_one_with_it_does_not() -> None:
    head = "from sklearn.ensemble import RandomForestClassifier"
    loose = slice_of(cells(head, "m = RandomForestClassifier()", "m.fit([[1]], [1])"), ["m"])
    tight = slice_of(cells(head, "m = RandomForestClassifier(random_state=0)", "m.fit([[1]], [1])"), ["m"])
    assert not loose.complete
    assert tight.complete


def test_a_star_import_of_a_loaded_module_is_followed() -> None:
    found = slice_of(cells("from math import *", "y = 3", "x = sqrt(4)"), ["x"])
    assert [cell.number for cell in found.cells] == [1, 3]
    assert found.complete


def test_a_cell_that_failed_is_left_out_and_said() -> None:
    whole = cells("a = [1]", "a.append(2)\n1/0", "x = list(a)", failed=2)
    found = slice_of([*whole, Cell(None, 9, "")], ["x"])
    assert [cell.number for cell in found.cells] == [1, 3, 9]
    assert found.notes == ("slice incomplete: In [2] failed and is left out, but it may have changed `a`",)


def test_a_failed_cell_that_was_mended_and_run_again_costs_nothing() -> None:
    whole = cells("a = [1]\n1/0", "a = [1]", "x = list(a)", failed=1)
    assert slice_of([*whole, Cell(None, 9, "")], ["x"]).complete


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (["%matplotlib inline", "!ls", "n = 1", "%%time\nx = n"], [3, 4]),
        (["files = !ls\nn = 2", "x = files"], [1, 2]),
        (["%%capture out\nn = 3", "x = out"], [1, 2]),
        (["n = 1", "%time x = n"], [1, 2]),
        (["n = 1", "n?", "%timeit n + 1", "x = n"], [1, 4]),
        (["s = '''\n%not a magic\n'''", "x = s"], [1, 2]),
        (["n = 7", "m = 9", "%%bash\necho hi", "x = n % m"], [1, 2, 4]),
        (["%%register churn --model m\nm = 1", "x = m"], [1, 2]),
        (["import sys", "sys.path.append('/q')", "import json", "x = json"], [1, 2, 3, 4]),
        (["from sklearn import set_config", "set_config(transform_output='pandas')", "x = 1"], [1, 2, 3]),
    ],
)
def test_magics_and_settings_are_understood(sources: list[str], expected: list[int]) -> None:
    assert numbers(*sources) == expected


def test_the_names_in_a_magics_line_are_read() -> None:
    found = slice_of(cells("a = 1", "clf = 2", "b = 3", "%register churn --model clf --data a,missing"))
    assert [cell.number for cell in found.cells] == [1, 2, 4]
    assert found.complete


def test_a_frame_changed_after_the_fit_is_told_and_not_part_of_the_slice() -> None:
    whole = cells(
        "import pandas as pd\nfrom sklearn.linear_model import LinearRegression",
        "X = pd.DataFrame({'a': [1, 2]})",
        "m = LinearRegression().fit(X, [1, 2])",
        "X['pred'] = m.predict(X)",
        "%register churn --model m",
    )
    found, changed = sliced(whole)
    assert [cell.number for cell in found.cells] == [1, 2, 3, 5]
    assert changed == ("X was changed by In [4] after In [3] had used it",)


def test_looking_and_plotting_cells_stay_out() -> None:
    looks = ["df.head()", "df.describe()", "df['a'].hist()", "plt.plot(df['a'])\nplt.show()", "df[df.a > 1].mean()"]
    head = "import pandas as pd\nimport matplotlib.pyplot as plt\ndf = pd.DataFrame({'a': [1]})"
    assert numbers(head, *looks, "x = df.a.sum()") == [1, 7]


@pytest.mark.parametrize(
    "source", ["(" * 5000, "x = " + "-" * 20000 + "1", "\0", "def", "%", "!!", "%%", "?" * 5000, "\ud800"]
)
def test_nothing_that_is_typed_makes_the_slicer_raise(source: str) -> None:
    slice_of(cells(source, "x = 1"), ["x"])


def test_a_line_of_a_million_blanks_costs_a_moment() -> None:
    started = time.process_time()
    slice_of([Cell(None, 1, " " * 1_000_000 + "%x = !!"), Cell(None, 2, "a" * 1_000_000 + "?")])
    assert time.process_time() - started < 10  # a square of it would be hours


def test_five_hundred_cells_are_sliced_quickly_and_again_at_once() -> None:
    body = (
        "d{0} = pd.DataFrame({{'a': [1, {0}]}})\nd{0}['c'] = d{0}['a'] * 2\n"
        "m{0} = LinearRegression().fit(d{0}[['a']], d{0}['c'])"
    )
    whole = cells(
        "import pandas as pd\nfrom sklearn.linear_model import LinearRegression", *(body.format(i) for i in range(499))
    )
    effects_of.cache_clear()
    started = time.process_time()
    assert len(slice_of(whole).cells) == 2
    first_seconds, started = time.process_time() - started, time.process_time()
    slice_of([*whole, Cell(None, 501, "m1")])
    again_seconds = time.process_time() - started
    assert again_seconds < first_seconds / 2  # each cell is read once
