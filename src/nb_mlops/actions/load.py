"""`load`: from a ref to the fitted estimator, its bytes verified first; `doctor`: does it still answer the same?"""

from __future__ import annotations

import warnings
from typing import Any

from nb_mlops.actions.connect import current
from nb_mlops.actions.find import find_version
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.session import session
from nb_mlops.actions.uses import record_use
from nb_mlops.core.canonical import digest
from nb_mlops.core.diagnosis import Diagnosis
from nb_mlops.core.errors import Damaged, NotFound, Refused, Untrusted
from nb_mlops.core.version import Version


def load(
    ref: str | Version | None = None,
    *,
    trust: bool = False,
    check: bool = False,
    registry: Registry | str | None = None,
) -> Any:
    """The fitted estimator of a version; of a retired one with a warning.

    Raises Damaged when a byte differs from what was registered, Untrusted when loading would run code and nobody
    trusted it (`trust=True` does, and is recorded), and with `check=True` Refused when the model no longer gives
    the answers it gave at registration.
    """
    place = current(registry)
    version = find_version(place, ref)
    if version.state == "retired":
        message = f"{version.ref} was retired: it was not meant to be used any more. See %audit {version.name}."
        warnings.warn(message, stacklevel=2)
    estimator = load_version(place, version, trust=trust)
    record_use(place, version)
    if check:
        found = _diagnose(place, version, estimator)
        if not found.healthy:
            raise Refused(f"{version.ref} answers differently under today's packages.", found.advice)
    return estimator


def load_version(registry: Registry, version: Version, *, trust: bool) -> Any:
    """The estimator of a version that was found already."""
    from nb_mlops.formats import read

    if "files" in version.row.erased:
        message = f"The bytes of {version.ref} were let go when their time was over ({version.state})."
        raise NotFound(message, f"Its record stays: %audit {version.name}")
    files = {name: part["sha256"] for name, part in version.files.items()}
    if digest(files) != version.digest:
        raise Damaged(f"The files of {version.ref} are not those that were registered.", "Run `nb-mlops verify`.")
    trusted = _trusted(registry, version, trust)
    paths = {name: registry.blobs.path(sha256) for name, sha256 in files.items()}
    return read(version.format, paths, trust=trusted)


def check_table(ref: str | Version | None, table: object, *, registry: Registry | str | None = None) -> Any:
    """What in the table breaks the version's signature: missing and new columns, kinds, ranges, unseen values."""
    from nb_mlops.profiling import profile

    place = current(registry)
    version = find_version(place, ref)
    if version.signature is None:
        raise Refused(f"{version.ref} has no signature: its training data was not known.", "Register it with data=.")
    return version.signature.check(profile(table))


def doctor(
    ref: str | Version | None = None, *, trust: bool = False, registry: Registry | str | None = None
) -> Diagnosis:
    """Whether the version loads and still gives the answers kept with it, and which packages differ since."""
    place = current(registry)
    version = find_version(place, ref)
    return _diagnose(place, version, load_version(place, version, trust=trust))


def _trusted(registry: Registry, version: Version, trust: bool) -> bool:
    """Whether this version's own code may run; trusting what this session did not make is put on record.

    That a version says it brings no code gives it no trust: the formats look at the bytes and refuse it themselves.
    """
    from nb_mlops.formats import pickle_like

    if version.digest in session().made:
        return True
    if not (version.row.runs_code or pickle_like(version.format) or version.format == "function"):
        return trust
    if not trust:
        message = f"Loading {version.ref} runs code that came with it ({version.format})."
        raise Untrusted(message, f"If you trust {version.actor}: load({version.ref!r}, trust=True), or --trust")
    registry.append("trusted", version.name, {"number": version.number, "digest": version.digest})
    session().made.add(version.digest)
    return True


def _diagnose(registry: Registry, version: Version, estimator: Any) -> Diagnosis:
    from nb_mlops.capture.environment import environment_of
    from nb_mlops.evaluation.examples import replay

    then = version.lineage.environment
    today = environment_of().packages
    wanted = {name: then.packages.get(name) for name in version.record.get("requires", [])} if then else {}
    changed = {
        name: (str(old), today.get(name, "not installed"))
        for name, old in wanted.items()
        if old is not None and today.get(name) != old
    }
    kept = registry.blobs.read(version.row.examples) if version.row.examples else None
    return Diagnosis(version.ref, replay(estimator, kept) if kept else None, changed)
