"""From an address to a registry: the call, the environment, the project, the default, in this order.

folder                      embedded: SQLite and files, made when first written to
memory://name               in this process only, for tests
postgresql://, https://     the shared registries (not in this release)
"""

from __future__ import annotations

import getpass
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nb_mlops.actions.registry import Registry
from nb_mlops.core.errors import BadInput, Unsupported
from nb_mlops.core.event import Actor

if TYPE_CHECKING:
    from nb_mlops.storage.catalog import Catalog

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)
_TYPED_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)  # two letters or more: one is a drive
_PASSWORD = re.compile(r"(://[^/@:\s]*):[^\s]*@")  # up to the last @: a password may hold one
_LOGIN = re.compile(r"(https?://)[^/\s]*@", re.IGNORECASE)  # a token alone stands where a name would

_opened: dict[str, Registry] = {}  # one catalog per address and process, so that it opens once
_default: list[Registry] = []  # what the last connect() of this process chose


def connect(address: str | os.PathLike[str] | None = None, actor: str | None = None) -> Registry:
    """The registry at `address`, made the default of this process; nothing is written by connecting.

    Raises BadInput for an address that cannot be meant and Unsupported for one this release cannot open.
    """
    registry = open_registry(address, actor)
    _default[:] = [registry]
    return registry


def open_registry(address: str | os.PathLike[str] | None = None, actor: str | None = None) -> Registry:
    """The registry at `address` (or where the environment, the project or the default says), default unchanged."""
    found = os.fspath(address) if address else _configured()
    registry = _opened.get(found)
    if registry is None:
        registry = _opened[found] = _open(found)
    return replace(registry, actor=Actor(actor, "connect(actor=)") if actor else whoami())


def current(registry: Registry | str | os.PathLike[str] | None = None) -> Registry:
    """The registry a verb means: the one given (a Registry or an address), else the default."""
    if isinstance(registry, Registry):
        return registry
    if registry is not None:
        return open_registry(registry)
    return _default[0] if _default else open_registry()


def is_connected() -> bool:
    """Whether `connect` chose the default of this process."""
    return bool(_default)


def forget() -> None:
    """Closes every registry this process has opened, and the default with them (for tests and forks)."""
    for registry in _opened.values():
        registry.catalog.close()
    _opened.clear()
    _default.clear()


def default_folder() -> Path:
    """Where the embedded registry is unless said otherwise: in the user data folder, never the working folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir("nb_mlops", appauthor=False)) / "registry"


def shown(address: str) -> str:
    """An address as it may be printed: passwords and tokens in it are masked, what stands behind `?` is left out."""
    from nb_mlops.capture.secrets import mask_plain

    place, options, _ = address.partition("?")
    masked = mask_plain(_LOGIN.sub(r"\1***@", _PASSWORD.sub(r"\1:***@", place)))[0]
    return f"{masked}?…" if options else masked


def whoami() -> Actor:
    """Who acts, as far as the machine can know: advisory everywhere but on a registry server."""
    for variable in ("NB_MLOPS_ACTOR", "JUPYTERHUB_USER"):
        if os.environ.get(variable):
            return Actor(os.environ[variable], variable)
    from nb_mlops.capture.git import author_email

    email = author_email()
    if email:
        return Actor(email, "git's e-mail")
    try:
        return Actor(getpass.getuser(), "the login name")
    except (OSError, KeyError, ImportError):  # no passwd entry, as in a bare container
        return Actor("unknown", "nobody is logged in")


def _configured() -> str:
    given = os.environ.get("NB_MLOPS_REGISTRY")
    if given:
        return given
    from nb_mlops.actions.session import session

    configured = getattr(session().shell, "config", {}).get("NbMlops", {}).get("registry")
    if isinstance(configured, str) and configured:  # c.NbMlops.registry in a profile of IPython or Jupyter
        return configured
    from nb_mlops.actions.project import trusted_address

    return trusted_address() or str(default_folder())


def _open(address: str) -> Registry:
    scheme = _SCHEME.match(address)
    if scheme is None and _TYPED_SCHEME.match(address):
        # `postgresql:/ann:…@host`: one slash short, and the password would become the name of a folder
        raise BadInput("That is not the address of a registry.", "Give a folder (./like:this where it has a colon).")
    if scheme is None or scheme[1].lower() == "file":
        return _embedded(address[len("file://") :] if scheme else address)
    if scheme[1].lower() == "memory":
        return _in_memory(address)
    kinds = "a folder or memory://"
    if scheme[1].lower() in ("postgresql", "postgres", "http", "https"):
        raise Unsupported(f"The shared registry at {shown(address)} needs a later release.", f"This one opens {kinds}.")
    raise BadInput(f"{shown(address)} is not the address of a registry.", f"Give {kinds}.")


def _embedded(folder: str) -> Registry:
    from nb_mlops.storage.blobs_local import LocalBlobs
    from nb_mlops.storage.catalog_sql import SqlCatalog

    if "\x00" in folder or not folder.strip():
        raise BadInput("That is not a folder.", "Give the path of a folder, or leave the address out.")
    root = Path(folder).expanduser().absolute()
    if root.is_file():
        raise BadInput(f"{root} is a file; a registry is a folder.", "Give the folder that holds it.")
    catalog: Catalog = SqlCatalog.sqlite(root / "catalog.sqlite")
    return Registry(catalog, LocalBlobs(root / "blobs"), _NOBODY, str(root))


def _in_memory(address: str) -> Registry:
    import tempfile

    from nb_mlops.storage.blobs_fsspec import FsspecBlobs
    from nb_mlops.storage.catalog_memory import MemoryCatalog

    cache = Path(tempfile.mkdtemp(prefix="nb_mlops-"))
    name = re.sub(r"[^A-Za-z0-9_-]", "-", address.partition("://")[2]) or "registry"
    return Registry(MemoryCatalog(), FsspecBlobs.at(f"memory://nb_mlops-{name}", cache=cache), _NOBODY, address)


_NOBODY = Actor("nobody", "not asked yet")
