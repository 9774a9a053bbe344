"""What can be answered, and what is refused."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.conftest import Render, attempt, run
from tests.faster import run_copy
from tests.matrix import CONFIG, ROOT, choices, questions
from tests.updates import contents, make_repository, update

BAD_ANSWERS = [
    ("project_name", ""),
    ("project_name", "1st Service"),
    ("project_name", " Service"),
    ("project_name", "Service "),
    ("project_name", "My  Service"),
    ("project_name", 'My "Service"'),
    ("project_name", "My 'Service'"),
    ("project_name", "{{ 7 * 7 }}"),
    ("project_name", "{% raw %}"),
    ("project_name", "a\nb"),
    ("project_name", "Service\n"),
    ("project_name", "Service\x00"),
    ("project_name", "Dienst 📦"),
    ("project_name", "../etc"),
    ("project_name", "a" * 300),
    ("project_name", "FastAPI"),
    ("project_name", "Pydantic Core"),
    ("project_slug", ""),
    ("project_slug", "My-Service"),
    ("project_slug", "my_service"),
    ("project_slug", "my--service"),
    ("project_slug", "-my-service"),
    ("project_slug", "my-service-"),
    ("project_slug", "my-service\n"),
    ("project_slug", "1service"),
    ("project_slug", "dienst-📦"),
    ("project_slug", "a" * 300),
    ("project_slug", "sqlalchemy"),
    ("project_slug", "starlette"),
    ("project_description", ""),
    ("project_description", "   "),
    ("project_description", "one\ntwo"),
    ("project_description", "one\rtwo"),
    ("project_description", "one\u2028two"),
    ("project_description", "bell \x07"),
    ("project_description", "{{ project_name }}"),
    ("project_description", "{# gone #}"),
    ("project_description", "back\\slash"),
    ("project_description", "`rm`"),
    ("project_description", "<script>"),
    ("project_description", "a" * 300),
    ("author_name", ""),
    ("author_name", "Ada\nLovelace"),
    ("author_name", "{{ _copier_conf }}"),
    ("author_name", "a" * 300),
    ("author_email", ""),
    ("author_email", "ada"),
    ("author_email", "ada@example"),
    ("author_email", "ada@example.com\n"),
    ("author_email", '"ada"@example.com'),
    ("author_email", "ada@" + "a" * 300 + ".com"),
    ("license", "GPL"),
    ("python_version", "3.10"),
    ("python_version", "3.110"),
    ("layout", "hexagonal"),
    ("database", "sqlite"),
    ("redis", "maybe"),
    ("redis", "2"),
    ("redis", "null"),
    ("auth", "oauth"),
    ("jobs", "maybe"),
    # No question, or none that people are asked.
    ("projectname", "Shop"),
    ("has_auth", "false"),
    ("has_accounts", "false"),
    ("at", "{}"),
    ("created_with_layout", "layer"),
    ("original_layout", "layer"),
    ("had_auth", "true"),
    ("gave_up_auth", "true"),
    ("had_jobs", "true"),
    ("gave_up_jobs", "true"),
    ("revisions", "b7c2d1e8f340"),
    ("refused_answers", "x"),
]


@pytest.mark.parametrize(("name", "value"), BAD_ANSWERS)
def test_a_bad_answer_is_refused(
    template: Path, workspace: Path, name: str, value: str
) -> None:
    with pytest.raises((ValueError, TypeError)) as error:
        run_copy(
            str(template),
            workspace / "project",
            data={name: value},
            defaults=True,
            quiet=True,
        )
    assert str(error.value).strip()
    assert not (workspace / "project").exists()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("project_name", "FastAPI", "also the name of a package"),
        ("project_description", "{{ x }}", "Use one line of text without braces"),
        ("python_version", "3.10", "Invalid choice for 'python_version'"),
        ("redis", "maybe", "Answer with true or false"),
        ("typo", "1", "There is no such question: typo."),
        ("has_secrets", "true", "There is no such question: has_secrets."),
        ("had_auth", "true", "There is no such question: had_auth."),
    ],
)
def test_the_command_refuses_with_a_message_and_leaves_nothing(
    template: Path, workspace: Path, name: str, value: str, message: str
) -> None:
    result = attempt(
        *("copier", "copy", "--defaults", "--data", f"{name}={value}"),
        *(template, "project"),
        cwd=workspace,
    )
    assert result.returncode != 0
    assert message in result.stderr
    assert list(workspace.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        "Ships 📦 “quickly” & it's 3",
        'She said "hello"',
        "It's 100% #1: a [link](x) | *stars* _and_ $HOME %s",
        "Ünïcödé, 日本語, עברית",
        "yes",
        "null",
        "3.10",
        "- list",
        "key: value",
        "a" * 200,
    ],
)
def test_unusual_texts_arrive_unchanged(render: Render, text: str) -> None:
    project = render({"project_description": text, "author_name": text})
    about = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    assert about["description"] == text
    assert about["authors"][0]["name"] == text
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text())
    assert (answers["project_description"], answers["author_name"]) == (text, text)
    assert text in (project / "README.md").read_text()
    assert text in (project / "LICENSE").read_text()
    run("ruff", "check", "--no-cache", "--quiet", cwd=project)
    run("ruff", "format", "--no-cache", "--check", "--quiet", cwd=project)


def test_longest_and_shortest_names(render: Render) -> None:
    for number, name in enumerate(["A", "A" * 60, "Json", "Test", "App", "S3.api_v2"]):
        project = render({"project_name": name}, into=str(number))
        run("ruff", "check", "--no-cache", "--quiet", cwd=project)
        run("ruff", "format", "--no-cache", "--check", "--quiet", cwd=project)


def test_the_slug_follows_the_name(render: Render) -> None:
    project = render({"project_name": "Order.Service_v2 API"})
    pyproject = tomllib.loads((project / "pyproject.toml").read_text())
    assert pyproject["project"]["name"] == "order-service-v2-api"


@pytest.mark.parametrize(("name", "question"), list(questions().items()))
def test_every_question_is_explained(name: str, question: dict[str, object]) -> None:
    assert str(question["help"]).endswith((".", "?")), name
    assert "default" in question
    typed = question["type"] == "str" and not choices(question, {})
    assert not typed or "validator" in question


def test_questions_have_the_names_that_scripts_rely_on() -> None:
    """There may be more of them."""
    known: dict[str, list[object]] = {
        "project_name": [],
        "project_slug": [],
        "project_description": [],
        "author_name": [],
        "author_email": [],
        "license": ["MIT", "Apache-2.0", "BSD-3-Clause", "Proprietary"],
        "python_version": ["3.11", "3.12", "3.13", "3.14"],
        "layout": ["domain", "layer"],
        "database": ["async", "sync"],
        "redis": [False, True],
        "auth": ["jwt", "none"],
        "jobs": [False, True],
        "ci": ["github", "gitlab", "none"],
        "kubernetes": [False, True],
    }
    offered = {name: choices(question, {}) for name, question in questions().items()}
    for name, values in known.items():
        assert [value for value in values if value not in offered[name]] == []


def test_the_template_needs_no_trust() -> None:
    settings = {name for name in CONFIG if name.startswith("_")}
    assert not settings & {"_tasks", "_migrations", "_jinja_extensions"}


@pytest.mark.parametrize("license_", choices(questions()["license"], {}))
def test_licences(render: Render, license_: str) -> None:
    answers = {"license": license_, "author_name": "Ada Lovelace"}
    text = (render(answers) / "LICENSE").read_text()
    first, length = {
        "MIT": ("MIT License", 21),
        "Apache-2.0": ("Apache License", 202),
        "BSD-3-Clause": ("BSD 3-Clause License", 28),
        "Proprietary": ("Copyright (c) Ada Lovelace. All rights reserved.", 5),
    }[license_]
    assert text.strip().splitlines()[0].strip() == first
    assert len(text.splitlines()) == length
    assert ("Ada Lovelace" in text) == (license_ != "Apache-2.0")


@pytest.fixture
def project(template: Path, workspace: Path) -> Path:
    """A project under git, made from a template under git."""
    repository, project = workspace / "template", workspace / "project"
    shutil.copytree(template, repository)
    make_repository(repository)
    run_copy(str(repository), project, defaults=True, quiet=True)
    make_repository(project)
    return project


def test_an_update_refuses_answers_and_changes_nothing(project: Path) -> None:
    updates = ("update", "--defaults")
    recopy = ("recopy", "--defaults", "--force")
    layout = ["--data=layout=layer"]
    for command, answers, message in (
        (updates, layout, "cannot be changed"),
        (recopy, layout, "cannot be changed"),
        (updates, [*layout, "--data=original_layout=layer"], "no such question"),
    ):
        result = attempt("copier", *command, *answers, cwd=project)
        assert result.returncode != 0
        assert message in result.stderr
        assert run("git", "status", "--short", cwd=project) == ""


def test_an_existing_project_refuses_what_a_new_one_does(
    project: Path, workspace: Path
) -> None:
    bad = {"typo": "1", "has_auth": "false", "auth": "oauth", "redis": "maybe"}
    for name, value in bad.items():
        with pytest.raises(ValueError, match=name):
            update(project, {name: value})
    source = str(workspace / "template")
    with pytest.raises(ValueError, match="cannot be changed"):
        run_copy(source, project, data={"layout": "layer"}, defaults=True)
    assert run("git", "status", "--short", cwd=project) == ""


def test_a_prompt_offers_no_other_layout(project: Path) -> None:
    """Also to those who insist on the question, in a terminal."""
    command = ["copier", "update", "--skip-answered", "--ask=layout"]
    terminal, end = os.openpty()
    with subprocess.Popen(
        command, cwd=project, stdin=end, stdout=end, stderr=end, start_new_session=True
    ):
        os.close(end)
        shown = b""
        while b"The layout of" not in shown:
            shown += os.read(terminal, 1024)
            if shown.endswith(b"\x1b[6n"):  # where is the cursor?
                os.write(terminal, b"\x1b[1;1R")
        for key in (b"\x1b[B", b"\r"):  # down, return
            os.write(terminal, key)
        while read_all(terminal):
            pass
    assert run("git", "status", "--short", cwd=project) == ""


def read_all(terminal: int) -> bytes:
    """Read until the process has ended."""
    try:
        return os.read(terminal, 1024)
    except OSError:  # on Linux
        return b""


def test_an_answers_file_makes_the_same_project(project: Path, workspace: Path) -> None:
    answers = project / ".copier-answers.yml"
    command = ("copier", "copy", "--defaults", f"--data-file={answers}")
    run(*command, workspace / "template", "other", cwd=workspace)
    assert contents(workspace / "other") == contents(project)


def test_the_message_says_what_to_type_next(workspace: Path, template: Path) -> None:
    folder = "it's a (new) $shop; really"
    result = attempt("copier", "copy", "--defaults", template, folder, cwd=workspace)
    enter = re.search(r"^ +(cd .*)$", result.stderr, re.MULTILINE)
    assert enter
    entered = run("bash", "-c", f"{enter[1]} && pwd", cwd=workspace)
    assert Path(entered.removesuffix("\n")) == workspace / folder
    assert "uv run poe dev" in result.stderr
    assert "{" not in result.stderr


def test_readme_and_settings_name_the_same_file() -> None:
    assert CONFIG["_subdirectory"] == "template"
    assert (ROOT / CONFIG["_subdirectory"]).is_dir()
