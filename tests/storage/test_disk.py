"""The seam to the operating system: locks, mounts, and errors in our words."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nb_mlops.core.errors import Unreachable
from nb_mlops.storage import disk, mounts

PROC_MOUNTS = """\
/dev/vda / ext4 rw,relatime 0 0
server:/home /home nfs4 rw,vers=4.2 0 0
/dev/vdb /home/local\\040disk xfs rw 0 0
me@host:/ /mnt/remote fuse.sshfs rw 0 0
tmpfs /mnt/over tmpfs rw 0 0
//share /mnt/over cifs rw 0 0
short
"""


@pytest.mark.parametrize(
    ("path", "kind", "network"),
    [
        ("/var/lib", "ext4", False),
        ("/home/ann", "nfs4", True),
        ("/home", "nfs4", True),
        ("/homeless", "ext4", False),
        ("/home/local disk/registry", "xfs", False),
        ("/mnt/remote/x", "fuse.sshfs", True),
        ("/mnt/over", "cifs", True),
    ],
)
def test_the_deepest_mount_tells_the_file_system(path: str, kind: str, network: bool) -> None:
    found = mounts._longest_match(path, mounts._parse_proc(PROC_MOUNTS))
    assert (found, mounts.is_network(found)) == (kind, network)


def test_the_mounts_of_macos_are_understood() -> None:
    listed = "/dev/disk1s1 on / (apfs, local, journaled)\n//me@nas/data on /Volumes/my data (smbfs, nodev, nosuid)\n"
    assert mounts._parse_mount(listed) == {"/": "apfs", "/Volumes/my data": "smbfs"}


@pytest.mark.parametrize("kind", ["ext4", "xfs", "apfs", "btrfs", "zfs", "tmpfs", "overlay", "fuseblk", ""])
def test_local_file_systems_are_not_taken_for_network_ones(kind: str) -> None:
    assert not mounts.is_network(kind)


def test_this_machine_knows_the_type_of_a_folder_not_made_yet(tmp_path: Path) -> None:
    assert mounts.mount_type(tmp_path / "not" / "there") == mounts.mount_type(tmp_path) != ""


def test_a_lock_keeps_another_process_out_and_ends_with_its_holder(tmp_path: Path) -> None:
    holder = "import sys, time; from pathlib import Path; from nb_mlops.storage import disk\n"
    holder += "with disk.lock(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", holder, tmp_path / "lock"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with (
            pytest.raises(Unreachable, match="locked by another process"),
            disk.lock(tmp_path / "lock", wait_seconds=0),
        ):
            pass
        process.kill()
        process.wait()
    with disk.lock(tmp_path / "lock", wait_seconds=5):
        assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600


def test_an_error_of_the_system_keeps_its_cause(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match=r"storing in .* failed") as caught, disk.reported("storing", tmp_path):
        raise OSError(errno.EROFS, "whatever")
    assert caught.value.__cause__.errno == errno.EROFS
    assert "read-only" in caught.value.hint


def test_a_sync_that_is_begun_changes_no_bytes_and_one_that_cannot_be_does_no_harm(tmp_path: Path) -> None:
    file = disk.create_file(tmp_path / "file")
    disk.write_all(file, memoryview(b"x" * 100_000))
    disk.begin_sync(file, 0, 50_000)
    disk.begin_sync(file, 90_000, 1 << 40)
    os.close(file)
    disk.begin_sync(file, 0, 1)
    assert (tmp_path / "file").read_bytes() == b"x" * 100_000
