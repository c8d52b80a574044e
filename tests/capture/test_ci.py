"""What CI says about itself, which anybody could say."""

from __future__ import annotations

import pytest

from nb_mlops.capture.ci import claimed_ci

GITHUB = {"GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_REPOSITORY": "risk/churn", "GITHUB_RUN_ID": "7"}


@pytest.mark.parametrize(
    ("environ", "claim"),
    [
        (GITHUB, {"provider": "GitHub Actions", "run": "https://github.com/risk/churn/actions/runs/7"}),
        ({"GITHUB_ACTIONS": "true"}, {"provider": "GitHub Actions"}),
        ({"GITLAB_CI": "1", "CI_JOB_URL": "https://gitlab.example/j/1"},
         {"provider": "GitLab CI", "run": "https://gitlab.example/j/1"}),
        ({"BUILDKITE": "true", "BUILDKITE_BUILD_URL": "https://b.example/2"},
         {"provider": "Buildkite", "run": "https://b.example/2"}),
        ({"TF_BUILD": "True", "SYSTEM_COLLECTIONURI": "https://dev.example/o/", "SYSTEM_TEAMPROJECT": "p",
          "BUILD_BUILDID": "9"}, {"provider": "Azure Pipelines", "run": "https://dev.example/o/p/_build/results?buildId=9"}),
        ({"JENKINS_URL": "https://j.example", "BUILD_URL": "https://j.example/3"},
         {"provider": "Jenkins", "run": "https://j.example/3"}),
        ({"CI": "true"}, {"provider": "CI"}),
        ({"CI": "false"}, None),
        ({"CI": "0", "GITHUB_ACTIONS": ""}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_the_provider_and_its_run_are_read_off_the_environment(environ, claim):
    assert claimed_ci(environ) == claim


def test_passwords_and_escapes_in_an_address_are_not_kept():
    found = claimed_ci({"BUILDKITE": "1", "BUILDKITE_BUILD_URL": "https://ann:hunter2@b.example/\x1b[31m"})
    assert found == {"provider": "Buildkite", "run": "https://ann:***@b.example/\\x1b[31m"}


def test_a_huge_address_is_cut():
    found = claimed_ci({"BUILDKITE": "1", "BUILDKITE_BUILD_URL": "https://b.example/" + "x" * 10_000})
    assert found is not None
    assert len(found["run"]) == 500
