"""Ed25519 by the package `cryptography`: this user's own key, made when first needed, and looking at signatures.

The key is a file that only this user can read, beside the default registry: NB_MLOPS_KEY names another. Who holds it
can sign, so on a team it belongs where only CI reads it.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nb_mlops.core.errors import BadInput, Unsafe, Unsupported
from nb_mlops.storage import disk

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def key_path() -> Path:
    """Where this user's key is, or would be."""
    given = os.environ.get("NB_MLOPS_KEY")
    if given:
        return Path(given).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("nb_mlops", appauthor=False)) / "checkpoint.key"


def own_public_key() -> str | None:
    """The public half of this user's key as 64 hex digits; None where there is no key yet."""
    path = key_path()
    return _public(_read(path)) if disk.size_of(path) is not None else None


def make_own_key() -> tuple[str, bool]:
    """The public half of this user's key, and whether it was made now."""
    path = key_path()
    with disk.reported("keeping a key", path.parent):
        if disk.size_of(path) is not None:
            return _public(_read(path)), False
        disk.make_folder(path.parent)
        return _public(_made(path)), True


def sign(data: bytes) -> str:
    """The signature of `data` by this user's key, 128 hex digits."""
    return _read(key_path()).sign(data).hex()


def is_signed(data: bytes, key: str, signature: str) -> bool:
    """Whether `signature` is that of `data` by the holder of `key`."""
    with _installed():
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _made(path: Path) -> Ed25519PrivateKey:
    with _installed():
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    key = Ed25519PrivateKey.generate()
    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        descriptor = disk.create_file(path)
    except FileExistsError:  # another process was first: its key is the one
        return _read(path)
    try:
        disk.write_all(descriptor, memoryview(written))
        disk.sync_file(descriptor)
    finally:
        os.close(descriptor)
    disk.sync_folder(path.parent)
    return key


def _read(path: Path) -> Ed25519PrivateKey:
    with _installed():
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    with disk.reported("reading a key", path.parent), os.fdopen(disk.open_file(path), "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        data = file.read(65_536)
    if sys.platform != "win32" and stat.S_IMODE(mode) & 0o077:
        raise Unsafe(f"Others can read the key {path}, so a signature by it proves nothing.", f"chmod 600 {path}")
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadInput(f"{path} holds no key that can be read here.", "Move it away: a new key is made.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput(f"{path} holds a key of another kind than Ed25519.", "Move it away: a new key is made.")
    return key


def _public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


@contextmanager
def _installed() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise Unsupported("Signing needs the package cryptography.", "pip install 'nb-mlops[sign]'") from error
