"""Which objects each name may stand for: numbers for things that are never looked at, shared where names are aliases.

`a = b` gives both names the same number. A function carries what it does (`Late`) along with its number, so that a
value that came out of one is known to share what the function hands out.
"""

from __future__ import annotations

from nb_mlops.capture.operations import CLOSURE, Late, Perhaps, Roots

MODULE = -1  # the object that all modules share: a module is nobody's alias


class Objects:
    """The names after the cells seen so far."""

    def __init__(self) -> None:
        self.lates: dict[int, tuple[Late, ...]] = {}  # what the object does when it is called, where that is known
        self._named: dict[str, frozenset[int]] = {}
        self._owners: dict[int, set[str]] = {}
        self._last = 0

    def __contains__(self, name: str) -> bool:
        """Whether any cell has bound the name."""
        return name in self._named

    def named(self, name: str) -> frozenset[int]:
        """What the name may stand for; nothing where no cell has bound it."""
        return self._named.get(name, frozenset())

    def owners(self, items: set[int]) -> set[str]:
        """Every name that may stand for one of these."""
        return {name for item in items for name in self._owners.get(item, ())}

    def new(self, lates: tuple[Late, ...]) -> int:
        """An object that no name stands for yet, and what it does when it is called."""
        self._last += 1
        if lates:
            self.lates[self._last] = lates
        return self._last

    def own(self, name: str, items: frozenset[int]) -> None:
        """From here on the name may stand for these."""
        for item in items - self.named(name):
            self._owners.setdefault(item, set()).add(name)
        self._named[name] = items

    def forget(self, name: str) -> None:
        """The name stands for nothing any more."""
        for item in self._named.pop(name, ()):
            self._owners[item].discard(name)

    def of(self, roots: Roots) -> set[int]:
        """The objects a value may share, those that the functions that made it hand on among them."""
        return self.behind(roots)[0]

    def lates_of(self, roots: Roots) -> tuple[Late, ...]:
        """The functions that come with a value: its own, and the closures and classes of what made it."""
        return self.behind(roots)[1]

    def is_of_our_class(self, roots: Roots) -> bool:
        """Whether the value may be of a class of this notebook, whose methods are not those of a library."""
        return any(CLOSURE in late.returns for item in self.of(roots) for late in self.lates.get(item, ()))

    def behind(self, roots: Roots, makers: frozenset[str] = frozenset()) -> tuple[set[int], tuple[Late, ...]]:
        """The objects and the functions behind a value; `makers` are being looked through already."""
        objects: set[int] = set()
        lates: dict[Late, None] = {}
        for root in roots:
            if isinstance(root, Late):
                lates[root] = None
            elif isinstance(root, Perhaps):
                objects |= self._shared_perhaps(root)
            elif not root.endswith("()"):
                objects |= self.named(root)
            elif root not in makers:
                more, given = self._given_by(root, makers | {root})
                objects |= more
                lates.update(dict.fromkeys(given))
        return objects, tuple(lates)

    def _shared_perhaps(self, root: Perhaps) -> set[int]:
        if not self.is_of_our_class(root.receiver):
            return set()
        return self.of(root.receiver) | self.of(root.arguments)

    def _given_by(self, maker: str, makers: frozenset[str]) -> tuple[set[int], tuple[Late, ...]]:
        """What a call of this function hands out: globals it returns, functions it makes."""
        objects: set[int] = set()
        lates: dict[Late, None] = {}
        for item in self.named(maker[:-2]):
            if item not in self.lates:
                objects.add(item)  # a callable we know nothing about may hand out what it holds
            for late in self.lates.get(item, ()):
                more, given = self.behind(late.returns, makers)
                objects |= more
                lates.update(dict.fromkeys(given))
                if CLOSURE in late.returns:
                    lates[late] = None
        return objects, tuple(lates)
