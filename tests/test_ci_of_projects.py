"""What CI does in a project: the checks of its developers, and news of the template."""

import json
import re
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

from tests.conftest import Render, attempt, read_yaml, run
from tests.matrix import (
    Answers,
    choices,
    each_answer,
    questions,
    variant_id,
    variants,
)
from tests.updates import LATER, PRESENT, start

# As both of them run what we write: until a command fails.
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")
# In place of GitHub: there is no open issue, and a new one is printed.
GH = """#!/bin/sh
if [ "$2" = create ]; then echo "$@"; fi
"""
NEWEST = choices(questions()["python_version"], {})[-1]
FEW = each_answer(variants())


def on_github(project: Path) -> dict[str, Any]:
    """Return what the job that runs tasks is made of."""
    job = read_yaml(project / ".github" / "workflows" / "ci.yml")["jobs"]["poe"]
    [step] = [step for step in job["steps"] if "run" in step]
    assert step["env"] == {"TASK": "${{ matrix.task }}"}
    return {
        "commands": [
            (step["run"].replace('"$TASK"', leg["task"]), leg["python"])
            for leg in job["strategy"]["matrix"]["include"]
        ],
        "images": [service["image"] for service in job["services"].values()],
        "variables": job["env"],
    }


def on_gitlab(project: Path) -> dict[str, Any]:
    """Return the same of its three jobs."""
    pipeline = read_yaml(project / ".gitlab-ci.yml")
    jobs = (".tests", "check", "coverage", "fuzz")
    tests, check, *newest = (pipeline[job] for job in jobs)
    assert tests["image"] == "python:$PYTHON"
    assert {job["extends"] for job in (check, *newest)} == {".tests"}
    [legs] = check["parallel"]["matrix"]
    return {
        "commands": [
            *((*check["script"], python) for python in legs["PYTHON"]),
            *((*job["script"], job["variables"]["PYTHON"]) for job in newest),
        ],
        "images": [service["name"] for service in tests["services"]],
        "variables": pipeline["variables"] | tests["variables"],
    }


@pytest.mark.parametrize("read", [on_github, on_gitlab])
@pytest.mark.parametrize("answers", FEW, ids=variant_id)
def test_ci_runs_the_commands_of_developers(
    render: Render,
    answers: Answers,
    read: Any,  # noqa: ANN401
) -> None:
    """The commands run in ``test_projects.py`` and ``test_fuzz.py``."""
    project = render(answers | {"ci": read.__name__.removeprefix("on_")})
    found = read(project)
    oldest = answers["python_version"]
    assert found["commands"] == [
        *(("uv run poe check", python) for python in sorted({oldest, NEWEST})),
        ("uv run poe coverage", NEWEST),
        ("uv run poe fuzz", NEWEST),
    ]
    assert found["variables"]["UV_LOCKED"] == "1"
    requires = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    assert requires["requires-python"] == f">={oldest}"
    servers = {"DATABASE_URL": "postgres"}
    if answers["redis"]:
        servers["REDIS_URL"] = "valkey/valkey"
    urls = [name for name in found["variables"] if name.endswith("_URL")]
    assert urls == list(servers)
    assert [image.split(":")[0] for image in found["images"]] == list(servers.values())


# Each of them runs in one of the tests below, or in ``test_container.py``.
PARTS = ["poe audit", "poe licences", "poe sbom", "docker build --tag service ."]


def test_github_and_gitlab_check_the_supply_chain(render: Render) -> None:
    """Also weekly, as what is known changes, though nothing else does."""
    folder = render({"ci": "github"}, into="github") / ".github" / "workflows"
    github = read_yaml(folder / "supply-chain.yml")
    gitlab = read_yaml(render({"ci": "gitlab"}, into="gitlab") / ".gitlab-ci.yml")
    assert "\n  schedule:\n" in (folder / "supply-chain.yml").read_text()
    steps = [step for job in github["jobs"].values() for step in job["steps"]]
    jobs = [gitlab[name] for name in ("packages", "container")]
    assert not any("rules" in job for job in jobs)
    *commands, scan = [line for job in jobs for line in job["script"]]
    prefix = re.compile(r"^uv run (--locked )?")
    assert [prefix.sub("", command) for command in commands] == PARTS
    runs = [step["run"] for step in steps if "run" in step]
    assert [prefix.sub("", command) for command in runs] == PARTS
    options = steps[-1]["with"]
    assert f"service --only-fixed --fail-on {options['severity-cutoff']}" in scan
    assert (options["image"], options["only-fixed"]) == ("service", True)


def project_from(releases: Path, workspace: Path, version: str) -> Path:
    project = workspace / "project"
    start(releases, project, version, {})
    return project


@pytest.mark.parametrize(("version", "news"), [(PRESENT, 1), (LATER, 0)])
def test_github_opens_an_issue_when_fixes_are_waiting(
    releases: Path, workspace: Path, render: Render, version: str, news: int
) -> None:
    workflow = render({"ci": "github"}, into="new") / ".github/workflows/template.yml"
    job = read_yaml(workflow)["jobs"]["check-update"]
    assert job["permissions"] == {"contents": "read", "issues": "write"}
    step = job["steps"][-1]
    stub = workspace / "bin" / "gh"
    stub.parent.mkdir()
    stub.write_text(GH)
    stub.chmod(0o755)
    project = project_from(releases, workspace, version)
    script = f'PATH="{stub.parent}:$PATH"\n{step["run"]}'
    title = step["env"]["TITLE"]
    result = attempt(*BASH, script, cwd=project, TITLE=title)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count(f"issue create --title {title} --body ") == news
    assert result.stdout.count(LATER) == news
    # A question that has no answer is no news.
    (project / ".copier-answers.yml").write_text("_src_path: /nowhere\n_commit: 1.0\n")
    assert attempt(*BASH, script, cwd=project, TITLE=title).returncode not in {0, 2}


@pytest.mark.parametrize(("version", "code"), [(PRESENT, 2), (LATER, 0)])
def test_gitlab_fails_when_fixes_are_waiting(
    releases: Path, workspace: Path, render: Render, version: str, code: int
) -> None:
    pipeline = read_yaml(render({"ci": "gitlab"}, into="new") / ".gitlab-ci.yml")
    job = pipeline["template"]
    assert job["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "schedule"'}]
    script = "\n".join(job["script"])
    project = project_from(releases, workspace, version)
    assert attempt(*BASH, script, cwd=project, UV_LOCKED="1").returncode == code


class Osv(BaseHTTPRequestHandler):
    """In place of osv.dev: knows one vulnerability, of the given packages."""

    bad: ClassVar[set[str]] = set()

    def do_POST(self) -> None:
        """Answer which of the packages are bad."""
        length = int(self.headers["Content-Length"])
        asked = json.loads(self.rfile.read(length))["queries"]
        known = {"id": "GHSA-0000-0000-0000", "modified": "2026-01-01T00:00:00Z"}
        results = [
            {"vulns": [known]} if query["package"]["name"] in self.bad else {}
            for query in asked
        ]
        self.answer({"results": results})

    def do_GET(self) -> None:
        """Answer what is known about the vulnerability."""
        self.answer(
            {
                "id": "GHSA-0000-0000-0000",
                "modified": "2026-01-01T00:00:00Z",
                "summary": "It lets all clients in",
                "affected": [],
            }
        )

    def answer(self, content: object) -> None:
        """Send JSON."""
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Be quiet."""


def test_parts_are_audited_and_listed(render: Render) -> None:
    project = render()
    run("uv", "lock", "--quiet", cwd=project)
    tasks = tomllib.loads((project / "pyproject.toml").read_text())["tool"]["poe"]
    with ThreadingHTTPServer(("127.0.0.1", 0), Osv) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        service = ("--service-url", f"http://127.0.0.1:{server.server_port}")
        audit = (*tasks["tasks"]["audit"]["cmd"].split(), *service)
        assert attempt(*audit, cwd=project).returncode == 0
        Osv.bad = {"fastapi"}
        found = attempt(*audit, cwd=project)
        server.shutdown()
    assert found.returncode == 1
    assert "It lets all clients in" in found.stdout
    run(*tasks["tasks"]["sbom"]["cmd"].split(), cwd=project)
    parts = json.loads((project / "sbom.json").read_text())["components"]
    names = {part["name"] for part in parts}
    assert "fastapi" in names
    assert "pytest" not in names


def test_no_package_has_a_licence_that_is_not_allowed(
    render: Render, last_variant: Answers
) -> None:
    project = render(last_variant)
    run("uv", "lock", "--quiet", cwd=project)
    pyproject = project / "pyproject.toml"
    task = tomllib.loads(pyproject.read_text())["tool"]["poe"]["tasks"]["licences"]
    listed = run(*task["cmd"].split(), cwd=project)
    names = {line.split()[0] for line in listed.splitlines()}
    assert {"fastapi", "opentelemetry-sdk", "sentry-sdk", "starlette"} <= names
    assert names & {"pip-licenses", "pytest"} == set()
    # What says "either this or that" is not what says "that".
    for allowed in ("BSD-3-Clause", "MIT OR Apache-2.0"):
        text = pyproject.read_text()
        pyproject.write_text(text.replace(f"\n{allowed};\n", "\n"))
        refused = attempt(*task["cmd"].split(), cwd=project)
        assert refused.returncode == 1
        assert f"license {allowed} not in allow-only" in refused.stderr
        pyproject.write_text(text)
