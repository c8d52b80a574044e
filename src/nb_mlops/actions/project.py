"""The registry a project names in its `nb_mlops.toml`: used only once the person has trusted it.

A cloned folder must not choose where models go, so the choice counts after `%mlops trust-project`,
once per folder and address. What was trusted is remembered in the user data folder.
"""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

from nb_mlops.core.errors import BadInput, NotFound

FILE = "nb_mlops.toml"


def trust_project(folder: str | os.PathLike[str] | None = None) -> str:
    """Trusts the registry address that the project of `folder` names now; gives the address."""
    found = _named(Path(folder) if folder else Path.cwd())
    if found is None:
        raise NotFound(
            f"No {FILE} here or above names a registry.", f'Write one: registry = "/shared/registry" in {FILE}.'
        )
    root, address = found
    trusted = {**_trusted(), str(root): address}
    file = _remembered()
    file.parent.mkdir(parents=True, exist_ok=True)
    scratch = file.with_suffix(f".{os.getpid()}")
    scratch.write_text(json.dumps(trusted, indent=1), encoding="utf-8")
    scratch.replace(file)
    return address


def trusted_address() -> str | None:
    """The address that the project of the working folder names, when it was trusted; else None."""
    found = _named(Path.cwd())
    if found is None:
        return None
    root, address = found
    return address if _trusted().get(str(root)) == address else None


def untrusted_address() -> str | None:
    """The address that the project names and nobody trusted yet: for a hint, never for use."""
    found = _named(Path.cwd())
    return found[1] if found and trusted_address() is None else None


def _named(folder: Path) -> tuple[Path, str] | None:
    """The nearest folder upwards with a project file, and the registry it names."""
    try:
        root = next((place for place in (folder, *folder.parents) if (place / FILE).is_file()), None)
        if root is None:
            return None
        address = tomllib.loads((root / FILE).read_text(encoding="utf-8")).get("registry")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{FILE} cannot be read: {error}.", 'It is TOML: registry = "/shared/registry"') from error
    return (root, address) if isinstance(address, str) and address else None


def _trusted() -> dict[str, str]:
    try:
        found = json.loads(_remembered().read_text(encoding="utf-8"))
    except (OSError, ValueError):  # nothing trusted yet, or unreadable: then nothing is trusted
        return {}
    return found if isinstance(found, dict) else {}


def _remembered() -> Path:
    from nb_mlops.actions.connect import default_folder

    return default_folder().parent / "trusted-projects.json"
