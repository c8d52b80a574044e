"""The forward look over the cells: which objects each name may stand for, and what each cell does to the others.

Where the answer is uncertain, more counts as read and changed. Limits, on purpose: what a library does behind its
functions is taken from `pure.py`; an iterator used up by one cell and read by another, and lists joined with `+`,
are not followed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

from nb_mlops.capture import operations
from nb_mlops.capture.effects import Effects, effects_of
from nb_mlops.capture.objects import MODULE, Objects
from nb_mlops.capture.operations import ARGUMENT, ITSELF, Call, Late, Op, Root, Roots
from nb_mlops.capture.pure import (
    ARGUMENT_CHANGERS,
    BUILTINS,
    DRAWS_WHEN_CALLED,
    FILE_READERS,
    FILE_WRITERS,
    FITTING,
    GENERATORS,
    KNOWN_PACKAGES,
    PURE_METHODS,
    RANDOM_ESTIMATORS,
    SEEDS,
    SETTINGS,
)
from nb_mlops.core.lineage import Cell

# Things without a name that cells still pass to each other.
SETTINGS_MADE = "<settings>"
_RANDOM = "<random numbers>"
_IMPORT_PATH = "<import path>"
_ANY_FILE = "<file>"  # every writer writes it, a reader of an unknown path reads it
_UNKNOWN_FILE = "<file ?>"  # a writer of an unknown path writes it, every reader reads it


@dataclass(slots=True)
class Facts:
    """What one cell does to the others."""

    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    kills: set[str] = field(default_factory=set)  # written whatever was there before
    missing: set[str] = field(default_factory=set)  # read, and set by no cell so far
    notes: list[str] = field(default_factory=list)
    opaque: list[str] = field(default_factory=list)
    stars: list[str] = field(default_factory=list)


class Flow:
    """The forward pass over the cells."""

    def __init__(self) -> None:
        self.cells: list[Cell] = []
        self.facts: list[Facts] = []
        self.objects = Objects()
        self.origins: dict[str, str] = {}  # name -> the module (or member of one) it was imported as
        self.made: set[int] = set()  # what calls gave: a closure among them may keep a state of its own
        self.seeded = False
        self._harms: dict[tuple[int, str], bool] = {}

    # Forward ---------------------------------------------------------------------------------------------------------

    def add(self, cell: Cell) -> None:
        """Follows one more cell."""
        self.now = Facts()
        self.strong = not cell.failed
        self.bound: set[str] = set()
        self._touched: set[int] = set()
        self._harms = {}
        found = effects_of(cell.source)
        for op in found.ops:
            self._op(op)
        self._outputs(cell, found)
        self.cells.append(cell)
        self.facts.append(self.now)

    def _outputs(self, cell: Cell, found: Effects) -> None:
        """`_`, `_3` and `Out[3]` name what a cell showed."""
        if found.shown is None:
            return
        self._bind("_", found.shown, strong=True)
        self._bind("Out", found.shown, strong=False)
        if cell.number is not None:
            self._bind(f"_{cell.number}", found.shown, strong=True)

    def _op(self, op: Op) -> None:
        if isinstance(op, operations.Read):
            self._read(op.name, exposed=op.exposed)
        elif isinstance(op, operations.Bind):
            self._bind(op.name, op.roots, strong=op.strong)
        elif isinstance(op, Call):
            self._call(op)
        elif isinstance(op, operations.Change):
            self._change(op.roots, op.holds)
        elif isinstance(op, operations.Import):
            self._import(op)
        elif isinstance(op, operations.Sure):
            self._settle(op.name)
        elif isinstance(op, operations.Words):
            self._words(op)
        elif isinstance(op, operations.Setting):
            self.now.writes.add(SETTINGS_MADE)
        else:
            self.now.opaque.append(op.what)

    def _read(self, name: str, *, exposed: bool = True) -> None:
        if exposed and name not in self.bound:
            self.now.reads.add(name)
        if name not in self.objects and name not in BUILTINS:
            self.now.missing.add(name)
        for item in self.objects.named(name):
            if item in self.objects.lates:
                self._touch(item)

    def _touch(self, item: int) -> None:
        """A function is within reach of a call: what it reads and does, it may read and do now."""
        if item in self._touched:
            return
        self._touched.add(item)
        strong, self.strong = self.strong, False
        for late in self.objects.lates[item]:
            self._run(late)
        self.strong = strong

    def _run(self, late: Late) -> None:
        for name in sorted(late.reads):
            self._read(name)
        for op in late.ops:
            self._op(op)

    def _bind(self, name: str, roots: Roots, *, strong: bool) -> None:
        shared, lates = self.objects.behind(roots)
        item = self.objects.new(lates)
        if any(isinstance(root, str) and root.endswith("()") for root in roots):
            self.made.add(item)
        shared.discard(MODULE)
        shared.add(item)
        if strong and self.strong:
            self._settle(name)
            self.origins.pop(name, None)
            self.objects.forget(name)
        else:
            self.now.writes.add(name)
            shared |= self.objects.named(name)
        self.objects.own(name, frozenset(shared))

    def _settle(self, name: str) -> None:
        self.now.writes.add(name)
        if self.strong:
            self.bound.add(name)
            self.now.kills.add(name)

    def _change(self, roots: Roots, holds: Roots = ()) -> None:
        """Everything that may share an object with `roots` is written; it holds on to `holds` from now on."""
        changed = self.objects.of(roots)
        changed.discard(MODULE)
        held = self.objects.of(holds) - {MODULE}
        lates = self.objects.lates_of(holds)
        names = self.objects.owners(changed)
        names.update(root for root in roots if isinstance(root, str) and root in self.origins)
        self.now.writes |= names
        if lates:
            held.add(self.objects.new(lates))
        if held:
            for name in names:
                self.objects.own(name, self.objects.named(name) | held)

    def _import(self, op: operations.Import) -> None:
        self.now.reads.add(_IMPORT_PATH)
        if op.name == "*":
            self._star(op.module)
            return
        self._bind(op.name, (), strong=op.strong)
        self.objects.forget(op.name)
        self.objects.own(op.name, frozenset({MODULE}))
        self.origins[op.name] = op.module

    def _star(self, module: str) -> None:
        """What `from module import *` brought: the module is loaded, so its names can be read."""
        loaded = sys.modules.get(module)
        listed = getattr(loaded, "__all__", None)
        names = listed if isinstance(listed, (list, tuple)) else list(getattr(loaded, "__dict__", {}))
        if loaded is None:
            self.now.stars.append(module)
        for name in names:
            if isinstance(name, str) and (listed or not name.startswith("_")):
                self._import(operations.Import(name, f"{module}.{name}", strong=True))

    def _words(self, op: operations.Words) -> None:
        for word in op.words:
            if word in self.objects:
                self._read(word)
        if op.shell:
            self.now.reads |= {_ANY_FILE, _UNKNOWN_FILE}
            self.now.writes |= {_ANY_FILE, _UNKNOWN_FILE}

    # Calls -----------------------------------------------------------------------------------------------------------

    def _call(self, call: Call) -> None:
        for root in call.arguments:
            if isinstance(root, Late):  # `df.apply(lambda row: ...)` runs it now
                self._run_late(root)
        full = self._full_name(call.chain)
        self._files(call)
        self._random(call, full)
        if call.method in SETTINGS:
            self.now.writes.add(SETTINGS_MADE)
        for roots, holds in self._changed_by(call, full):
            self._change(roots, holds)

    def _run_late(self, late: Late) -> None:
        strong, self.strong = self.strong, False
        self._run(late)
        self.strong = strong

    def _full_name(self, chain: tuple[str, ...]) -> str:
        """`numpy.random.seed` for `np.random.seed`; "" where the first name is not a module's or a builtin."""
        if not chain:
            return ""
        root = chain[0]
        if root in self.origins:
            return ".".join((self.origins[root], *chain[1:]))
        if root not in self.objects and root in BUILTINS:
            return ".".join(("builtins", *chain))
        return ""

    def _changed_by(self, call: Call, full: str) -> Iterable[tuple[Roots, Roots]]:
        """The roots that a call may change, each with what it holds from then on."""
        if call.out:
            yield call.out, ()
        if full:
            yield from self._changed_by_imported(call, full)
            return
        if call.chain and len(call.chain) == 1:
            objects = self.objects.named(call.chain[0])
            if not objects <= self.objects.lates.keys():  # `f = a.append`, `f = partial(...)`: may change what it holds
                yield call.chain, call.arguments
                yield call.arguments, ()
                return
            if objects & self.made:
                yield call.chain, call.arguments
            if self._any_harm(call.chain, ARGUMENT):
                yield call.arguments, ()
            return
        if call.method in FITTING:
            yield call.receiver, call.arguments if self.objects.is_of_our_class(call.receiver) else ()
        elif call.inplace or call.method not in PURE_METHODS or self._any_harm(call.receiver, ITSELF):
            yield call.receiver, call.arguments
        if self._any_harm(call.receiver, ARGUMENT):
            yield call.arguments, ()

    def _changed_by_imported(self, call: Call, full: str) -> Iterable[tuple[Roots, Roots]]:
        package = full.partition(".")[0]
        known = package in KNOWN_PACKAGES or package == "builtins"
        if full.startswith("sys.path."):
            self.now.writes.add(_IMPORT_PATH)
        if full.startswith("os.environ."):
            self.now.writes.add(SETTINGS_MADE)
        if not known:
            yield call.arguments, ()
            yield call.chain[:1], ()
        elif call.method in ARGUMENT_CHANGERS or call.inplace or call.method in FITTING:
            yield call.arguments, ()

    def _any_harm(self, roots: Roots, which: str) -> bool:
        items = self.objects.of(roots)
        return any(self._harm(item, which) for item in items if item in self.objects.lates)

    def _harm(self, item: int, which: str) -> bool:
        """Whether these functions change what `which` (their arguments, or their own object) stands for."""
        key = (item, which)
        if key not in self._harms:
            self._harms[key] = False  # a function that calls itself harms no more than it does otherwise
            self._harms[key] = any(self._op_harms(op, which) for late in self.objects.lates[item] for op in late.ops)
        return self._harms[key]

    def _op_harms(self, op: Op, which: str) -> bool:
        if isinstance(op, operations.Change):
            return which in op.roots
        if not isinstance(op, Call) or not _mentions(op, which):
            return False
        return any(which in roots for roots, _ in self._changed_by(op, self._full_name(op.chain)))

    # Files and random numbers ----------------------------------------------------------------------------------------

    def _files(self, call: Call) -> None:
        if call.method == "open":
            reads = writes = True
        else:
            reads, writes = call.method in FILE_READERS, call.method in FILE_WRITERS and not call.bare
        path = f"<file {call.path!r}>" if call.path else None
        if reads:
            self.now.reads |= {path, _UNKNOWN_FILE} if path else {_ANY_FILE}
        if writes:
            self.now.writes |= {path, _ANY_FILE} if path else {_ANY_FILE, _UNKNOWN_FILE}

    def _random(self, call: Call, full: str) -> None:
        method = call.method
        draws = full.startswith(("numpy.random.", "random.")) or call.chain[:1] == ("<numpy>",)
        if method in SEEDS and (draws or full):
            self._seed(call)
        elif method in GENERATORS and draws:
            if call.bare:
                self.now.notes.append(f"{method}() was given no seed")
        elif draws or (method in DRAWS_WHEN_CALLED and method in RANDOM_ESTIMATORS and not call.seeded):
            self._draw()

    def _seed(self, call: Call) -> None:
        self.seeded = self.seeded or not call.bare
        self.now.writes.add(_RANDOM)
        if call.strong and self.strong:
            self.bound.add(_RANDOM)
            self.now.kills.add(_RANDOM)

    def _draw(self) -> None:
        if _RANDOM not in self.bound:
            self.now.reads.add(_RANDOM)
        self.now.writes.add(_RANDOM)
        if not self.seeded and "random numbers without a seed" not in self.now.notes:
            self.now.notes.append("random numbers without a seed")


def _mentions(call: Call, which: Root) -> bool:
    return which in call.receiver or which in call.arguments or which in call.out
