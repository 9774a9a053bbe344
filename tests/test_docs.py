"""What the documents say is there, is there, in every variant."""

import re
import subprocess
import tomllib
from itertools import pairwise
from pathlib import Path

from tests.conftest import Rendered
from tests.matrix import ROOT, Answers, questions

FOLDERS = "app|docs|kubernetes|migrations|observability|proxy|scripts|tests"


def test_documents_of_a_project(rendered: Rendered, code_variant: Answers) -> None:
    project = rendered(code_variant)
    pyproject = tomllib.loads((project / "pyproject.toml").read_text())
    tests = "".join(path.read_text() for path in project.glob("tests/**/*.py"))
    for document in [*project.glob("*.md"), *project.glob("docs/**/*.md")]:
        text = document.read_text()
        # Other tests apply the diffs; some are to files of a new domain.
        named = re.sub(r"(?m)^\+\+\+ .+$", "", outside_urls(text))
        # Files that a page creates.
        named = re.sub(r"(?m)^`.+`:\n\n(?=```python)", "", named)
        for path in re.findall(rf"\b(?:{FOLDERS})/[\w/.*-]*", named):
            assert any(project.glob(path.rstrip("."))), f"{document} names {path}"
        for link in re.findall(r"\]\((?!http)([^)#]+)", text):
            assert (document.parent / link).exists(), f"{document} links {link}"
        for task in re.findall(r"\bpoe ([a-z-]+)", text):
            tasks = pyproject["tool"]["poe"]["tasks"]
            assert task in tasks, f"{document} says poe {task}"
        for name in re.findall(r"`(test_\w+)`", text):
            assert f"def {name}(" in tests, f"{document} names {name}"
        assert settings_named(text) <= settings_of(project), document


def outside_urls(text: str) -> str:
    return re.sub(r"(https?://|/api/|…/)\S+", "", text)


def settings_named(text: str) -> set[str]:
    groups = (
        "APP|API|AUTH|DATABASE|EMAIL|JOBS|LOG|OPS|OUTBOUND|RATE|REDIS|SENTRY|SERVER"
    )
    return set(re.findall(rf"`((?:{groups})_[A-Z_]+)`", text))


def settings_of(project: Path) -> set[str]:
    example = (project / ".env.example").read_text()
    return set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))


def test_every_setting_says_what_it_is_for(
    rendered: Rendered, code_variant: Answers
) -> None:
    """What it may be, a test of the project compares with the code."""
    project = rendered(code_variant)
    lines = (project / ".env.example").read_text().splitlines()
    said = {line for above, line in pairwise(lines) if re.match("# (?!---)", above)}
    settings = [line for line in lines if re.match("[A-Z]", line)]
    assert len(settings) == len(settings_of(project))
    assert [line for line in settings if line not in said] == []


def test_a_project_documents_all_its_tasks(rendered: Rendered) -> None:
    project = rendered()
    pyproject = tomllib.loads((project / "pyproject.toml").read_text())
    readme = (project / "README.md").read_text()
    for task, details in pyproject["tool"]["poe"]["tasks"].items():
        is_part = task.startswith("_")  # of another task; poe does not list it
        assert is_part or (details["help"] and f"uv run poe {task}" in readme)


def test_documents_of_the_template() -> None:
    files = (ROOT / "pyproject.toml", ROOT / "template" / "pyproject.toml.jinja")
    texts = "".join(path.read_text() for path in files)
    tasks = re.findall(r"^\[tool\.poe\.tasks\.([a-z-]+)\]", texts, re.MULTILINE)
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        text = document.read_text()
        for link in re.findall(r"\]\((?!http)([^)#]+)", text):
            assert (document.parent / link).exists(), f"{document} links {link}"
        for name in re.findall(r"`((?:template|tests|docs)/[\w/.-]*|\.ci/run)`", text):
            # Ours, or that of a service.
            places = (ROOT / name, *(ROOT / "template").glob(f"{name}*"))
            assert any(place.exists() for place in places), f"{document} names {name}"
        for task in re.findall(r"`uv run poe ([a-z-]+)[` ]", text):
            assert task in tasks, f"{document} says poe {task}"


def test_every_question_is_in_the_guide() -> None:
    guide = (ROOT / "docs" / "generate.md").read_text()
    assert [name for name in questions() if f"| `{name}` |" not in guide] == []


def test_the_check_of_ci_is_the_command_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    commands = re.findall(r"^\$ (.*)$", readme, re.MULTILINE)
    script = (ROOT / ".ci" / "run").read_text().splitlines()
    assert script[-1] == "pip install uv && uv run pytest"
    assert script[-1] in commands
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o100


def test_no_path_of_a_machine_is_committed() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if name not in {"uv.lock", "tests/test_docs.py"} and (ROOT / name).is_file():
            text = (ROOT / name).read_text()
            # Developers have this home in a container.
            home = r"(?<![\w.])/(home/(?!developer|\{)|root/|work/)"
            assert not re.search(home, text), name
