"""The skops format: scikit-learn and its look-alikes, without pickle. Default, and the one `high` stakes ask for.

Reading is the order of its lines: check the zip, audit the schema against our allow-list, let skops audit and build,
check what was built. Nothing the file says widens the list; without trust, an unknown type ends it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from nb_mlops.core.errors import Damaged, Unsupported, Untrusted
from nb_mlops.formats import canonical
from nb_mlops.formats.allowed import allowed, allowed_names
from nb_mlops.formats.format import OpenFile
from nb_mlops.formats.zip_check import archive_path, checked

FILE = "model.skops"
_CAN_CRASH = ("sklearn.tree.", "sklearn.neighbors.", "sklearn.ensemble._hist", "scipy.sparse.")
_BROKEN = "The file is damaged, or was made by other versions of scikit-learn or skops: %mlops doctor compares them."


class Skops:
    """Estimators by skops, with canonical bytes."""

    name = "skops"
    pickle_like = False
    by_name = True
    requires = ("skops",)

    def fits(self, estimator: object) -> bool:
        """Whether it speaks scikit-learn's language; neural nets in such a wrapper don't, their weights are torch's."""
        roots = {base.__module__.partition(".")[0] for base in type(estimator).__mro__}
        speaks = all(callable(getattr(estimator, verb, None)) for verb in ("fit", "get_params"))
        return speaks and not isinstance(estimator, type) and not roots & {"torch", "skorch", "keras", "tensorflow"}

    def write(self, estimator: object, open_file: OpenFile, *, modules: Mapping[str, str]) -> tuple[str, ...]:
        """Writes model.skops; warns of types that will need trust."""
        with open_file(FILE) as stream:
            schema = canonical.write(estimator, stream, modules=modules)
        own = tuple(modules.values())
        unknown = sorted(name for name in _unknown(schema) if not name.startswith(own))
        if not unknown:
            return ()
        return (f"Loading will need trust=True for {_listed(unknown)}, which the skops allow-list does not have.",)

    def read(self, files: Mapping[str, Path], *, trust: bool, mmap: bool, modules: Mapping[str, str]) -> object:
        """The estimator; raises Damaged or Untrusted."""
        path = files.get(FILE)
        if path is None:
            raise Damaged(f"The version has no {FILE}.", "Its files and its format do not belong together.")
        return load(path, trust=trust)


def load(path: Path, *, trust: bool = False) -> object:
    """The object of a skops file, after all checks."""
    name = archive_path(path)
    with path.open("rb") as file, checked(file, name, largest_schema=canonical.LARGEST_SCHEMA) as archive:
        pairs = _named(_schema(archive, name))
        names = _trusted(pairs, name) if not trust else None
        model = _built(file, path, names, name)
    if any(type_name.startswith(_CAN_CRASH) for _, type_name in pairs) and not trust:
        from nb_mlops.formats.sound import check

        check(model, name)
    return model


def _schema(archive: ZipFile, name: str) -> object:
    try:
        return json.loads(archive.read(canonical.SCHEMA))
    except (ValueError, RecursionError, BadZipFile, OSError, EOFError, MemoryError) as error:
        raise Damaged(f"The schema of {name} can't be read: {_first_line(error)}.", _BROKEN) from error


def _named(schema: object) -> set[tuple[str, str]]:
    """How skops would rebuild what: (loader, full type name) of every node."""
    return {
        (node["__loader__"], f"{node.get('__module__')}.{node.get('__class__')}") for node in canonical.nodes(schema)
    }


def _trusted(pairs: Iterable[tuple[str, str]], name: str) -> list[str]:
    """The names of our allow-list that the file uses, each only in the way it is allowed."""
    ours = allowed_names()
    odd = sorted({pair[1] for pair in pairs if pair[1] in ours and pair not in allowed()})
    if odd:
        raise Untrusted(f"{name} uses {_listed(odd)} in a way no model does.", _TRUST)
    return sorted({type_name for _, type_name in pairs if type_name in ours})


def _built(file: IO[bytes], path: Path, names: list[str] | None, name: str) -> Any:
    """What skops makes of the file; `names` are the types it may use beside its own, None means all."""
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    file.seek(0)
    try:
        if names is None:
            names = skops.io.get_untrusted_types(file=path)
        return skops.io.load(file, trusted=names)
    except UntrustedTypesFoundException as error:
        raise Untrusted(f"Loading {name} would use {_listed(_untrusted(path, names))}.", _TRUST) from error
    except ModuleNotFoundError as error:
        raise Unsupported(
            f"{name} needs the package {error.name}, which is not here.", f"Install what provides {error.name!r}."
        ) from error
    except Warning:  # raised only where the user made warnings errors: say that, not "damaged"
        raise
    except Exception as error:  # bytes made to harm, or by other versions, can make numpy and skops raise anything
        raise Damaged(f"{name} can't be rebuilt: {_first_line(error)}.", _BROKEN) from error


def _untrusted(path: Path, names: Iterable[str] | None) -> list[str]:
    import skops.io

    return sorted(set(skops.io.get_untrusted_types(file=path)) - set(names or ()))


def _unknown(schema: canonical.State) -> set[str]:
    """Types of a schema just written that nobody allows: neither skops nor our list."""
    from skops.io import _trusted_types as known

    defaults = {
        "ObjectNode": {*known.SKLEARN_ESTIMATOR_TYPE_NAMES, *known.SKLEARN_INTERNAL_TYPE_NAMES},
        "FunctionNode": {*known.SCIPY_UFUNC_TYPE_NAMES, *known.NUMPY_UFUNC_TYPE_NAMES},
    }
    judged = {*defaults, "MethodNode", "PartialNode", "OperatorFuncNode", "ConstructorFromReduceNode"}
    return {
        name
        for loader, name in _named(schema)
        if loader in judged and (loader, name) not in allowed() and name not in defaults.get(loader, ())
    }


def _listed(names: Iterable[str], most: int = 6) -> str:
    shown = [ascii(name)[1:-1][:100] for name in names]
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")


def _first_line(error: BaseException) -> str:
    text = str(error).splitlines()[0] if str(error) else ""
    return f"{type(error).__name__} {ascii(text)[1:-1][:160]}".strip()


_TRUST = "Look at who made it and from what. If you trust them, load it with trust=True."
