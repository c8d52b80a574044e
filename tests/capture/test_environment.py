"""What is installed, by folder names; what is no name or version never reaches a lock file."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path

import pytest

from nb_mlops.capture.environment import environment_of, normal_name


def site(tmp_path: Path, *names: str) -> list[str]:
    folder = tmp_path / "site-packages"
    for name in names:
        (folder / name).mkdir(parents=True)
    return [str(folder)]


def test_it_agrees_with_importlib_metadata() -> None:
    known = {normal_name(one.metadata["Name"]): one.version for one in importlib.metadata.distributions()}
    found = environment_of()
    assert found.python == platform.python_version()
    assert found.packages["numpy"] == known["numpy"]
    assert found.packages.keys() == known.keys()
    assert found.packages["scikit-learn"] == known["scikit-learn"]


def test_names_are_spelled_one_way_and_the_first_folder_wins(tmp_path: Path) -> None:
    first = site(tmp_path / "a", "Scikit_Learn-1.9.1.dist-info")
    second = site(tmp_path / "b", "scikit_learn-1.0.dist-info", "zope.interface-7.0.dist-info")
    found = environment_of([*first, *second])
    assert found.packages == {"scikit-learn": "1.9.1", "zope-interface": "7.0"}
    assert found.lock == "scikit-learn==1.9.1\nzope-interface==7.0\n"


@pytest.mark.parametrize(
    "name",
    [
        "evil-1.0 --index-url=https:x.dist-info",
        "evil-1.0\n-r other.dist-info",
        "-e .-1.0.dist-info",
        "evil @ https:x-1.0.dist-info",
        "evil-1.0;python_version>'3'.dist-info",
        "evil-.dist-info",
        "evil-$(x).dist-info",
        "évil-1.0.dist-info",
        "e" * 120 + "-1.0.dist-info",
    ],
)
def test_lines_that_would_carry_options_or_addresses_are_left_out_and_said(tmp_path: Path, name: str) -> None:
    found = environment_of(site(tmp_path, name, "good-1.0.dist-info"))
    assert found.packages == {"good": "1.0"}
    assert not found.complete


def test_eggs_and_editable_installs_are_found_and_marked_local(tmp_path: Path) -> None:
    paths = site(tmp_path, "old-2.1-py3.11.egg-info", "mine.egg-info", "linked-0.1.dist-info")
    (Path(paths[0]) / "mine.egg-info" / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 0.3.dev1\n")
    (Path(paths[0]) / "linked-0.1.dist-info" / "direct_url.json").write_text('{"url": "https://u:pw@h/x"}')
    found = environment_of(paths)
    assert found.packages == {"old": "2.1", "mine": "0.3.dev1", "linked": "0.1"}
    assert found.local == ("linked", "mine", "old")
    assert "\nlinked" not in found.lock
    assert "pw" not in found.lock


def test_a_package_installed_later_is_seen(tmp_path: Path) -> None:
    paths = site(tmp_path, "a-1.dist-info")
    assert environment_of(paths).packages == {"a": "1"}
    (Path(paths[0]) / "b-2.dist-info").mkdir()
    os.utime(paths[0], ns=(1, 1))
    assert environment_of(paths).packages == {"a": "1", "b": "2"}


def test_folders_that_are_not_there_are_passed_over(tmp_path: Path) -> None:
    assert environment_of([str(tmp_path / "none"), "\0", ""]).complete
