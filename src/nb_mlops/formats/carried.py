"""Source that travelled with a model, loaded as modules of its own.

The modules live in a package named by the digest of the source, so that two models never mix, and neither `__main__`
nor any module of the loading process is touched. Inside them, `import steps` finds the `steps` that travelled along.
"""

from __future__ import annotations

import builtins
import hashlib
import importlib
import linecache
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import CodeType, ModuleType
from typing import Any, ClassVar

from nb_mlops.core.errors import Damaged, Unsupported

PREFIX = "nb_mlops_code_"
NOTEBOOK_FILE = "__main__.py"
_NOTEBOOK_MODULE = "notebook"  # what `__main__` is called in the package


@dataclass(frozen=True)
class Code:
    """Source files by name (`__main__.py`, `mylib/steps.py`), and the module names they will be loaded under."""

    files: Mapping[str, str]

    @property
    def package(self) -> str:
        """The package all of it is loaded as, named by its digest; empty without files."""
        if not self.files:
            return ""
        digest = hashlib.sha256()
        for name in sorted(self.files):
            text = self.files[name].encode()
            digest.update(f"{name}\0{len(text)}\0".encode() + text)
        return PREFIX + digest.hexdigest()[:16]

    @property
    def modules(self) -> dict[str, str]:
        """The names modules had where the model was made, and those they have when loaded."""
        package = self.package
        return {_module_of(name): f"{package}.{_inner(name)}" for name in self.files}


def load(code: Code) -> dict[str, str]:
    """Makes the source importable and runs it; answers with `code.modules`. Only for code that is trusted."""
    package = code.package
    if package and package not in _Sources.packages:
        _Sources.packages[package] = {_inner(name): (name, text) for name, text in code.files.items()}
    if not any(isinstance(finder, _Sources) for finder in sys.meta_path):
        sys.meta_path.append(_Sources())
    for module in code.modules.values():
        _run(module)
    return code.modules


def files_of(package: str) -> Mapping[str, str]:
    """The source files of a package that this process loaded; a model that is stored again takes them along."""
    return dict(_Sources.packages[package].values())


def _run(module: str) -> None:
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise Unsupported(
            f"The code of this model needs the module {error.name!r}, which is not here.",
            f"Install what provides {error.name!r}; for a module of your own, register again with local_modules=.",
        ) from error
    except SyntaxError as error:
        raise Damaged(
            f"The code of this model does not compile: {error}.", "It may need a newer Python than this one."
        ) from error
    except Exception as error:  # it is somebody's module: whatever it raises, the model can't be loaded
        raise Unsupported(
            f"The code of this model fails when it is run: {type(error).__name__}: {str(error)[:200]}.",
            "Other versions of the packages it imports may be the cause; %mlops doctor compares them.",
        ) from error


def _module_of(file: str) -> str:
    """`mylib/__init__.py` is the module `mylib`."""
    if not file.endswith(".py"):
        raise Damaged(f"{ascii(file)[:60]} is no Python file, but stands among the model's code.")
    parts = file.removesuffix(".py").split("/")
    if not all(part.isidentifier() for part in parts):
        raise Damaged(f"{ascii(file)[:60]} is no module name, but stands among the model's code.")
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def _inner(file: str) -> str:
    module = _module_of(file)
    return _NOTEBOOK_MODULE if module == "__main__" else module


class _Sources(MetaPathFinder, InspectLoader):
    """Finds and loads modules below our packages, and nothing else."""

    packages: ClassVar[dict[str, dict[str, tuple[str, str]]]] = {}  # module -> file name and text, by package

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module that travelled, None for any other."""
        root, _, inner = fullname.partition(".")
        known = self.packages.get(root)
        if known is None:
            return None
        file = known.get(inner, ("", ""))[0]
        is_package = file.endswith("__init__.py") or any(name.startswith(inner + ".") for name in known) or not inner
        if not file and not is_package:
            return None
        return spec_from_loader(fullname, self, origin=f"<{fullname}>", is_package=is_package)

    def get_source(self, fullname: str) -> str:
        """The source as it travelled; empty for a package without __init__."""
        root, _, inner = fullname.partition(".")
        return self.packages[root].get(inner, ("", ""))[1]

    def get_code(self, fullname: str) -> CodeType:
        """The compiled source, which tracebacks and inspect can show."""
        source, name = self.get_source(fullname), f"<{fullname}>"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        return compile(source, name, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        """Runs the module, with an `import` that knows the others that travelled."""
        root = module.__name__.partition(".")[0]
        names = frozenset(inner.partition(".")[0] for inner in self.packages[root]) - {_NOTEBOOK_MODULE}
        if names:
            module.__dict__["__builtins__"] = {**vars(builtins), "__import__": _importer(root, names)}
        super().exec_module(module)


def _importer(package: str, names: frozenset[str]) -> Any:
    """The `__import__` of a module that travelled: the names that travelled with it are found in its package."""

    def find(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> ModuleType:
        root = name.partition(".")[0]
        if level or root not in names:
            return builtins.__import__(name, globals, locals, fromlist, level)
        module = importlib.import_module(f"{package}.{name}")
        for each in fromlist or ():
            if each != "*" and not hasattr(module, each):
                importlib.import_module(f"{package}.{name}.{each}")
        return module if fromlist else sys.modules[f"{package}.{root}"]

    return find
