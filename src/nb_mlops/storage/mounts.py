"""Whether a folder lies on a network file system, where SQLite's WAL and its locks cannot be relied on.

SQLite's WAL needs memory shared by all processes that use the file, which two hosts cannot have
(https://www.sqlite.org/wal.html, "All processes using a database must be on the same host computer").
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

MountType = Callable[[Path], str]  # what `mount_type` is; tests give their own

NETWORK_TYPES = frozenset(
    "nfs nfs3 nfs4 cifs smb smb2 smb3 smbfs ncpfs afs afpfs coda ceph glusterfs lustre gpfs beegfs beegfs_nodev "
    "panfs pvfs2 ocfs2 gfs2 9p drvfs webdav davfs davfs2 osxfs sshfs s3fs".split()
)
# FUSE names its file systems by the program behind them.
_NETWORK_FUSE = re.compile(
    r"(?:fuse|fuseblk|macfuse|osxfuse)\.?.*(?:ssh|s3|gcs|goofys|blob|rclone|gluster|ceph|lustre|grpc|juice|hdfs).*"
)


def mount_type(path: Path) -> str:
    """The type of the file system that holds `path` (or would), such as 'ext4' or 'nfs4'; '' where unknown."""
    existing = _existing(path)
    if sys.platform == "win32":
        return "cifs" if _is_remote_drive(existing) else ""
    return _longest_match(str(existing), _mounts())


def is_network(kind: str) -> bool:
    """Whether a file system of this type is shared over a network."""
    return kind.lower() in NETWORK_TYPES or bool(_NETWORK_FUSE.fullmatch(kind.lower()))


def _existing(path: Path) -> Path:
    """The nearest folder that is there: the registry itself may not have been made yet."""
    resolved = Path(os.path.realpath(path))
    while not resolved.exists() and resolved != resolved.parent:
        resolved = resolved.parent
    return resolved


def _mounts() -> dict[str, str]:
    """Mount points and their types; a later mount on the same point hides the earlier one."""
    try:
        if sys.platform == "linux":
            return _parse_proc(Path("/proc/mounts").read_text(encoding="utf-8", errors="surrogateescape"))
        listed = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=5, check=True)
        return _parse_mount(listed.stdout)
    except (OSError, subprocess.SubprocessError):
        return {}  # a sandbox without /proc, or a mount that hangs: not knowing must not stop a registration


def _parse_proc(text: str) -> dict[str, str]:
    """Mount points of `/proc/mounts`; blanks in names are written as octal escapes (`\\040`)."""
    rows = (line.split() for line in text.splitlines())
    return {_unescape(row[1]): row[2] for row in rows if len(row) >= 3}


def _parse_mount(text: str) -> dict[str, str]:
    """Mount points of macOS's `mount`: `//me@host/share on /Volumes/share (smbfs, nodev)`."""
    return dict(re.findall(r"^.*? on (.+) \(([^,)]+)", text, flags=re.MULTILINE))


def _unescape(point: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), point)


def _longest_match(path: str, mounts: dict[str, str]) -> str:
    """The type of the deepest mount point above `path`."""
    above = [point for point in mounts if path == point or path.startswith(point.rstrip("/") + "/")]
    return mounts[max(above, key=len)] if above else ""


def _is_remote_drive(path: Path) -> bool:
    if sys.platform != "win32":
        return False
    import ctypes

    drive = path.anchor
    return drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(drive) == 4  # DRIVE_REMOTE
