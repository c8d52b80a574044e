"""The source files of local modules that travel with a model: whole, with the local modules they import."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterable, Sequence

from nb_mlops.core.errors import Unsupported
from nb_mlops.formats.carried import PREFIX, files_of
from nb_mlops.formats.graph import is_local


def module_files(modules: set[str], local_modules: Sequence[str], *, alone: bool) -> dict[str, str]:
    """The whole text of local modules, of the local ones they import, and of the packages they are in."""
    loaded = {module.partition(".")[0] for module in modules if module.startswith(PREFIX)}
    if alone and len(loaded) == 1 and all(module.startswith(PREFIX) for module in modules):
        return dict(files_of(loaded.pop()))  # stored again as it came: the same text, so the same digest
    files: dict[str, str] = {}
    waiting, seen = sorted(modules), set()
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        name, text = _module_file(module)
        files[name] = text
        parent = module.rpartition(".")[0]
        inside = [each for each in _imported_modules(text, module) if is_local(each, local_modules)]
        waiting += [each for each in [*inside, parent] if each and _exists(each)]
    return files


def _module_file(module: str) -> tuple[str, str]:
    spec = importlib.util.find_spec(module)
    loader = spec.loader if spec else None
    text = loader.get_source(module) if loader is not None and hasattr(loader, "get_source") else None
    if spec is None or text is None:
        raise Unsupported(
            f"The source of the local module {module} is not to be found.", "Only modules written in Python can travel."
        )
    path = module.replace(".", "/")
    return (f"{path}/__init__.py" if spec.submodule_search_locations is not None else f"{path}.py"), text


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # `from steps import clean` names a function, not a module
        return False


def _imported_modules(text: str, module: str) -> set[str]:
    """Every dotted name that may be a module imported by the text."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            spec = importlib.util.find_spec(module) if node.level else None
            is_package = spec is not None and spec.submodule_search_locations is not None
            above = module.split(".")[: len(module.split(".")) - node.level + is_package] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {base, *(f"{base}.{each.name}" for each in node.names)}
    return found


def imports_of(files: dict[str, str]) -> set[str]:
    """The top-level modules that the files import."""
    return {module.partition(".")[0] for text in files.values() for module in _top_imports(text)}


def _top_imports(text: str) -> Iterable[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
