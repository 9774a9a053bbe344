"""What platform teams take over: it satisfies their tools, and fits the service."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Render, read_yaml, run
from tests.matrix import ROOT, Answers, each_answer, variant_id, variants
from tests.test_docs import settings_of

IMAGES = read_yaml(ROOT / "template" / "_macros" / "images.yml")
SCHEMA = ("check-jsonschema", "--builtin-schema")


@pytest.fixture(params=each_answer(variants()), ids=variant_id)
def answers(request: pytest.FixtureRequest) -> Answers:
    """One of a few variants in which every answer occurs."""
    found: Answers = request.param
    return found


@pytest.fixture
def project(render: Render, answers: Answers) -> Path:
    """Its project."""
    return render(answers)


@pytest.fixture
def compose(project: Path) -> dict[str, Any]:
    """The services of its ``compose.yml``."""
    services: dict[str, Any] = read_yaml(project / "compose.yml")["services"]
    return services


def test_linters_accept_delivery_files(project: Path, answers: Answers) -> None:
    run("hadolint", "Dockerfile", ".devcontainer/Dockerfile", cwd=project)
    run(*SCHEMA, "vendor.compose-spec", "compose.yml", cwd=project)
    if answers["ci"] == "github":
        workflows = sorted((project / ".github" / "workflows").iterdir())
        run(*SCHEMA, "vendor.github-workflows", *workflows, cwd=project)
        dependabot = ".github/dependabot.yml"
        run(*SCHEMA, "vendor.dependabot", dependabot, cwd=project)
        run("actionlint", *workflows, cwd=project)
        run("zizmor", "--offline", "--quiet", ".github", cwd=project)
    if answers["ci"] == "gitlab":
        transform = ("--data-transform", "gitlab-ci")
        run(*SCHEMA, "vendor.gitlab-ci", *transform, ".gitlab-ci.yml", cwd=project)
        run(*SCHEMA, "vendor.renovate", "renovate.json", cwd=project)


def test_images_are_pinned_by_digest(project: Path) -> None:
    known = set(IMAGES.values())
    assert all(re.search(r":[\w.-]+@sha256:[0-9a-f]{64}$", image) for image in known)
    for path in (*project.glob("*.yml"), *project.glob(".g*/**/*.yml")):
        text = path.read_text()
        named = re.findall(r"\bimage: (\S*[:/]\S*)$", text, re.MULTILINE)
        assert set(named) - {"python:$PYTHON"} <= known, path
        assert set(re.findall(r"\S+@sha256:\S+", text)) <= known, path
    for path in project.glob("**/Dockerfile"):
        sources = re.findall(r"^FROM (\S+)", path.read_text(), re.MULTILINE)
        assert set(sources) <= known, path


def test_variables_are_settings(project: Path, compose: dict[str, Any]) -> None:
    settings = settings_of(project)
    for name in ("service", "migrate"):
        assert compose[name]["environment"].keys() <= settings
        targets = {secret["target"] for secret in compose[name]["secrets"]}
        assert targets == {"DATABASE_PASSWORD"}
        assert targets <= settings


def test_compose_migrates_before_serving_with_least_privileges(
    compose: dict[str, Any], answers: Answers
) -> None:
    """And nothing is reachable but from this machine, or may do what it need not."""
    needed = compose["service"]["depends_on"]
    assert needed["migrate"] == {"condition": "service_completed_successfully"}
    assert (
        compose["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    )
    assert ("valkey" in needed) == ("valkey" in compose) == answers["redis"]
    for one in compose.values():
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", []))
        assert one["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}
    for name in ("service", "migrate"):
        assert compose[name]["read_only"]
        assert compose[name]["cap_drop"] == ["ALL"]
    observers = {name for name in compose if compose[name].get("profiles")}
    assert observers == {"grafana", "prometheus", "proxy"}


def test_stop_grace_period_covers_the_shutdown(
    project: Path, compose: dict[str, Any]
) -> None:
    example = (project / ".env.example").read_text()
    budget = sum(
        int(number)
        for number in re.findall(
            r"(?:DRAIN_TIME|STOP_TIMEOUT)=(\d+)$", example, re.MULTILINE
        )
    )
    grace = int(compose["service"]["stop_grace_period"].removesuffix("s"))
    assert grace > budget > 0
    guide = (project / "docs" / "operations.md").read_text()
    assert f"the two settings, {grace} with the" in guide


def test_mounted_files_exist(project: Path, compose: dict[str, Any]) -> None:
    mounted = list(sources(compose))
    assert len(mounted) == 6
    for source in mounted:
        assert (project / source).is_file()


def sources(compose: dict[str, Any]) -> Iterator[str]:
    """Return the paths that are mounted from the project."""
    for one in compose.values():
        for volume in one.get("volumes", []):
            if volume.startswith("./"):
                yield volume.partition(":")[0]


def test_the_image_has_the_version_of_the_project(project: Path) -> None:
    version = tomllib.loads((project / "pyproject.toml").read_text())["project"][
        "version"
    ]
    assert f"ARG VERSION={version}\n" in (project / "Dockerfile").read_text()
