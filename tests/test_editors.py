"""What editors find in a project works: a container, commands, tools, settings."""

import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Render, run
from tests.dockerfile import Image, build
from tests.matrix import Answers
from tests.test_first_steps import running_below, serving

TOOLS = {"charliermarsh.ruff": "ruff", "ms-python.mypy-type-checker": "mypy"}


@pytest.fixture
def project(render: Render, last_variant: Answers) -> Path:
    """A project that is not installed yet."""
    return render(last_variant)


def read(path: Path) -> dict[str, Any]:
    """Read JSON, without the comments that not all editors know."""
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def starts(project: Path) -> list[list[str]]:
    """Return what the editor gives to Python: for the service, all tests, one file."""
    found = read(project / ".vscode" / "launch.json")["configurations"]
    assert {(one["type"], one["request"]) for one in found} == {("debugpy", "launch")}
    return [["-m", one["module"], *one.get("args", [])] for one in found]


def test_the_container_has_what_the_editor_starts(
    project: Path, workspace: Path
) -> None:
    container = read(project / ".devcontainer" / "devcontainer.json")
    image = build(project / ".devcontainer", workspace / "image")
    assert image.notes["USER"] == "1000"
    assert image.place(f"/home/{container['remoteUser']}").is_dir()
    settings = container["customizations"]["vscode"]["settings"]
    python = settings["python.defaultInterpreterPath"]
    packages = image.environment["UV_PROJECT_ENVIRONMENT"]
    assert python == f"{packages}/bin/python"
    program = str(image.place(python))
    environment = variables(image) | {
        "UV_PROJECT_ENVIRONMENT": str(image.place(packages))
    }
    run(*shlex.split(container["postCreateCommand"]), cwd=project, **environment)
    assert not (project / ".venv").exists()
    for tool in TOOLS.values():
        run(program, "-m", tool, "--version", cwd=project, **environment)
    service, every_test, one_file = starts(project)
    assert [int(service.pop())] == container["forwardPorts"]
    command = shlex.join([program, *service]) + " {port}"
    with serving(project, command, **environment) as client:
        assert client.get("/docs").status_code == 200
    assert not running_below(project)
    assert one_file[-1] == "${file}"
    one_file[-1] = str(project / "tests" / "core" / "http" / "test_hosts.py")
    assert " passed" in run(program, *one_file, cwd=project, **environment)
    listed = run(program, *every_test, "--collect-only", cwd=project, **environment)
    assert all(path.name in listed for path in project.glob("tests/**/test_*.py"))


def variables(image: Image) -> dict[str, str]:
    """Return those of the image, where programs of this machine stand for its own."""
    known = image.variables()
    return known | {"PATH": f"{known['PATH']}:{os.environ['PATH']}"}


def test_files_are_indented_as_editorconfig_says(project: Path) -> None:
    files = [path for path in project.rglob("*") if path.is_file()]
    tabs = {path.name for path in files if "\n\t" in path.read_text()}
    settings = (project / ".editorconfig").read_text()
    assert tabs == set(re.findall(r"\[(.+)\]\nindent_style = tab\n", settings))


def test_settings_are_for_extensions_that_are_recommended(project: Path) -> None:
    named = read(project / ".vscode" / "extensions.json")["recommendations"]
    container = read(project / ".devcontainer" / "devcontainer.json")
    assert container["customizations"]["vscode"]["extensions"] == named
    assert TOOLS.keys() <= set(named)
    settings = read(project / ".vscode" / "settings.json")
    assert settings["[python]"]["editor.defaultFormatter"] in TOOLS
    groups = {name.partition(".")[0] for name in settings} - {"[python]"}
    assert groups <= {name.partition(".")[2] for name in named}
