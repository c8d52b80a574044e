"""What CI says about itself: which system runs here and the address of the run, read off the environment.

Anybody can set `CI=true`, so this is a claim, shown as one; it proves nothing and never counts as an approval.
The names are those that the systems document.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from nb_mlops.capture.secrets import mask_plain
from nb_mlops.core.printable import one_line

Environment = Mapping[str, str]
MOST = 500  # characters


def claimed_ci(environ: Environment | None = None) -> dict[str, str] | None:
    """`{"provider": "GitHub Actions", "run": "https://…"}`, secrets masked; None where nothing says that CI runs."""
    asked = os.environ if environ is None else environ
    for variable, provider, run in _PROVIDERS:
        if asked.get(variable, "").lower() not in ("", "0", "false"):
            address = one_line(mask_plain(run(asked).strip())[0], most=MOST)
            return {"provider": provider, **({"run": address} if address else {})}
    return None


def _github(asked: Environment) -> str:
    where, run = asked.get("GITHUB_REPOSITORY", ""), asked.get("GITHUB_RUN_ID", "")
    server = asked.get("GITHUB_SERVER_URL", "https://github.com")
    return f"{server}/{where}/actions/runs/{run}" if where and run else ""


def _azure(asked: Environment) -> str:
    server, project = asked.get("SYSTEM_COLLECTIONURI", ""), asked.get("SYSTEM_TEAMPROJECT", "")
    build = asked.get("BUILD_BUILDID", "")
    return f"{server.rstrip('/')}/{project}/_build/results?buildId={build}" if server and build else ""


def _of(name: str) -> Callable[[Environment], str]:
    return lambda asked: asked.get(name, "")


_PROVIDERS: tuple[tuple[str, str, Callable[[Environment], str]], ...] = (
    ("GITHUB_ACTIONS", "GitHub Actions", _github),
    ("GITLAB_CI", "GitLab CI", _of("CI_JOB_URL")),
    ("BUILDKITE", "Buildkite", _of("BUILDKITE_BUILD_URL")),
    ("CIRCLECI", "CircleCI", _of("CIRCLE_BUILD_URL")),
    ("TF_BUILD", "Azure Pipelines", _azure),
    ("JENKINS_URL", "Jenkins", _of("BUILD_URL")),
    ("TEAMCITY_VERSION", "TeamCity", _of("BUILD_URL")),
    ("BITBUCKET_BUILD_NUMBER", "Bitbucket Pipelines", _of("BITBUCKET_GIT_HTTP_ORIGIN")),
    ("TRAVIS", "Travis CI", _of("TRAVIS_BUILD_WEB_URL")),
    ("CI", "CI", _of("CI_RUN_URL")),
)
