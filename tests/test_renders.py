"""Every combination of all answers renders clean files, and only those it should."""

import ast
import hashlib
import io
import json
import re
import shutil
import tokenize
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Rendered, run
from tests.faster import run_copy
from tests.matrix import (
    CONFIG,
    ROOT,
    TEXT_ONLY,
    Answers,
    choices,
    code_variants,
    questions,
    variant_id,
    variants,
)

FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
JINJA = re.compile(r"\{\{|\{%|\{#|%\}| \}\}")

# What must not be read anywhere unless the answer was given.
WORDS = {
    ("layout", "domain"): r"app[/.]items\b",
    ("layout", "layer"): r"app[/.](exceptions|models|repositories|schemas|services)\b",
    ("database", "async"): r"asyncpg|AsyncSession|greenlet",
    ("database", "sync"): r"psycopg(?!.*# procrastinate imports it)",
    ("redis", True): r"(?i)redis(?!t)|valkey",
    ("auth", "jwt"): r"(?i)\bjwt|argon2|api.?key|smtp|mailer",
    ("jobs", True): r"(?i)cronsim|app[/.]worker|background.?jobs?\b",
    ("ci", "github"): r"(?i)(?<!https://)github",
    ("ci", "gitlab"): r"(?i)(?<!https://)gitlab",
    ("kubernetes", True): r"(?i)kubernetes|kubectl|kustomize",
    # Not those that packages may have: each of them ends its line with a semicolon.
    ("license", "MIT"): r"(?m)\bMIT\b(?!.*;$)",
    ("license", "Apache-2.0"): r"(?im)apache(?!.*;$)",
    ("license", "BSD-3-Clause"): r"(?m)BSD(?!.*;$)",
    ("license", "Proprietary"): r"(?i)proprietary|confidential",
}

# What no path, name, setting or heading may be called unless the answer was given.
# Prose may say it: "user", "token" and "cache" are words of every service.
NAMES = {
    ("redis", True): r"(?im)(?<!no-)\bcached?\b(?!-control|:$)",
    ("auth", "jwt"): (
        r"(?i)\btokens?\b|\busers\b|passwords|\bauth\b|(?<!www-)authenti|principal"
        r"|\blog(s|ged)? in\b|\badmin(?!\"| off)"
    ),
}


def files(project: Path) -> list[Path]:
    return sorted(path for path in project.rglob("*") if path.is_file())


def test_variant(rendered: Rendered, variant: Answers) -> None:
    project = rendered(variant)
    check_answers(project, variant)
    for path in project.rglob("*"):
        assert path.is_file() or any(path.iterdir()), f"{path} is empty"
    for path in files(project):
        name, text = path.relative_to(project), path.read_text()
        check_text(name, text)
        if path.name != ".copier-answers.yml":
            check_words(name, text, variant)
    if variant["license"] == questions()["license"]["default"]:  # it changes no code
        run("ruff", "check", "--no-cache", "--quiet", cwd=project)
        run("ruff", "format", "--no-cache", "--check", "--quiet", cwd=project)


def check_answers(project: Path, variant: Answers) -> None:
    recorded = yaml.safe_load((project / ".copier-answers.yml").read_text())
    hidden = {"original_layout", "gave_up_auth", "had_auth", "gave_up_jobs", "had_jobs"}
    hidden |= {"revisions"}
    assert recorded.keys() == questions().keys() | {"_src_path"} | hidden
    assert {name: recorded[name] for name in variant} == variant


@cache  # most files are the same in most variants
def check_text(path: Path, text: str) -> None:
    without_github = re.sub(r"\$\{\{ [\w. -]+ \}\}", "", text)
    assert not JINJA.search(without_github), f"{path} has Jinja in it"
    assert not re.search(r"[ \t]+$", text, re.MULTILINE), f"{path} has trailing spaces"
    assert text.strip(), f"{path} is empty"
    assert text.endswith("\n"), f"{path} has no end of line"
    assert not text.endswith("\n\n"), f"{path} ends with an empty line"
    prose = "" if path.suffix in {".py", ".mako"} else FENCED.sub("…", text)
    assert "\n\n\n" not in prose, f"{path} has empty lines"
    match path.suffix:
        case ".py":
            ast.parse(text)
        case ".toml":
            tomllib.loads(text)
        case ".yml" | ".yaml":
            yaml.safe_load(text)
        case ".json":
            json.loads(text)


def check_words(path: Path, text: str, variant: Answers) -> None:
    for words, read in ((WORDS, text), (NAMES, names(path, text))):
        for (name, value), pattern in words.items():
            if variant[name] != value:
                word = said(pattern, str(path)) or said(pattern, read)
                assert not word, f"{path} says {word!r} without {name}"


@cache
def names(path: Path, text: str) -> str:
    """Return a text without its prose: comments, sentences, paragraphs."""
    match path.suffix:
        case ".py":
            tokens = tokenize.generate_tokens(io.StringIO(text).readline)
            kept = [token.string for token in tokens if not is_prose(token)]
            return " ".join(kept)
        case ".md":
            return "\n".join(re.findall(r"(?ms)^#.*?$|^```.*?^```|`[^`\n]+`", text))
        case _:
            return re.sub(r"(?m)(^|\s)#.*$", "", text)


def is_prose(token: tokenize.TokenInfo) -> bool:
    texts = {tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", None)}  # from 3.12
    sentence = token.type in texts and " " in token.string.strip()
    return sentence or token.type == tokenize.COMMENT


@cache
def said(pattern: str, text: str) -> str:
    """Return the first words in a text that match, or nothing."""
    found = re.search(pattern, text)
    return found[0] if found else ""


def test_every_choice_of_code_has_its_words() -> None:
    """A new feature must list the words that other projects must not contain."""
    expected = {
        (name, value)
        for name, question in questions().items()
        for value in choices(question, {})
        if name != "python_version" and value not in {False, "none"}
    }
    assert WORDS.keys() == expected


@pytest.mark.parametrize(("choice", "pattern"), list(WORDS.items()), ids=str)
def test_the_words_of_a_choice_occur_with_it(
    rendered: Rendered, choice: tuple[str, Any], pattern: str
) -> None:
    """Otherwise their absence would prove nothing."""
    name, value = choice
    project = rendered({name: value})
    texts = [path.read_text() for path in files(project) if path.suffix != ".yml"]
    assert any(re.search(pattern, text) for text in texts)


@pytest.mark.parametrize(("choice", "pattern"), list(NAMES.items()), ids=str)
@pytest.mark.parametrize("suffix", [".py", ".md"])
def test_the_names_of_a_choice_occur_with_it(
    rendered: Rendered, choice: tuple[str, Any], pattern: str, suffix: str
) -> None:
    """In each kind of file, so that no kind is read as if it were all prose."""
    name, value = choice
    project = rendered({name: value})
    paths = [path for path in files(project) if path.suffix == suffix]
    assert any(re.search(pattern, names(path, path.read_text())) for path in paths)


def fingerprint(project: Path) -> str:
    """Identify what runs: all Python files, and what they need installed."""
    pyproject = tomllib.loads((project / "pyproject.toml").read_text())
    needed = [pyproject["project"]["dependencies"], pyproject["dependency-groups"]]
    code = [
        (str(path.relative_to(project)), path.read_text())
        for path in files(project)
        if path.suffix == ".py"
    ]
    return hashlib.sha256(repr((needed, code)).encode()).hexdigest()


def test_some_answers_change_no_code(rendered: Rendered) -> None:
    """Their combinations need no tests of their own."""
    default = fingerprint(rendered())
    for name in TEXT_ONLY:
        for value in choices(questions()[name], {}):
            assert fingerprint(rendered({name: value})) == default


def test_every_other_answer_changes_code(rendered: Rendered) -> None:
    trees = {
        variant_id(variant): fingerprint(rendered(variant))
        for variant in variants()
        if all(variant[name] == questions()[name]["default"] for name in TEXT_ONLY)
    }
    assert len(set(trees.values())) == len(trees)


# Files outside of core that are not about one domain. Updates should rarely touch them.
OWN = (
    "api/router",
    "factory",
    "lifespan",
    "main",
    "metadata",
    "permissions",
    "settings",
)
MOST_LINES = 60


def test_files_of_the_owner_are_short(
    rendered: Rendered, code_variant: Answers
) -> None:
    app = rendered(code_variant) / "app"
    lines = {
        name: len(path.read_text().splitlines())
        for name in OWN
        if (path := app / f"{name}.py").exists()
    }
    assert len(lines) == len(OWN) - (code_variant["auth"] == "none")
    assert max(lines.values()) <= MOST_LINES, lines


def test_core_is_the_same_in_both_layouts(
    rendered: Rendered, code_variant: Answers
) -> None:
    cores = []
    for layout in ("domain", "layer"):
        folder = rendered(code_variant | {"layout": layout}) / "app" / "core"
        core = {path.relative_to(folder): path.read_bytes() for path in files(folder)}
        cores.append(core)
    assert cores[0]
    assert cores[0] == cores[1]


# An answer to each free text that is not its default.
TEXTS = {
    "project_name": "Order Service",
    "project_slug": "orders",
    "project_description": "Takes orders.",
    "author_name": "Ada Lovelace",
    "author_email": "ada@example.com",
}
OTHER_ANSWERS = [
    (name, value)
    for name, question in questions().items()
    for value in choices(question, {}) or [TEXTS[name]]
    if value != question["default"]
]


@pytest.mark.parametrize(("name", "value"), OTHER_ANSWERS)
def test_every_answer_changes_something(
    rendered: Rendered,
    name: str,
    value: Any,  # noqa: ANN401
) -> None:
    contents = [
        {
            str(path.relative_to(project)): path.read_text()
            for path in files(project)
            if path.name != ".copier-answers.yml"
        }
        for project in (rendered(), rendered({name: value}))
    ]
    assert contents[0] != contents[1]


def test_every_file_of_the_template_is_rendered_by_some_variant(
    template: Path, workspace: Path, rendered: Rendered
) -> None:
    """Give each file a number of its own, and look for it in the projects.

    Each path of the table of features must be in the projects with that answer.
    """
    marked = workspace / "template"
    shutil.copytree(template, marked)
    sources = [
        path for path in files(marked / "template") if path.parent.name != "_macros"
    ]
    for number, path in enumerate(sources):
        path.write_text(f"{path.read_text()}\n@@{number}@@\n")
    seen: set[int] = set()
    listed, found = set[str](), set[str]()
    texts: list[Answers] = [
        {name: value, "jobs": True}
        for name in TEXT_ONLY
        for value in choices(questions()[name], {})
    ]
    # As Copier remembers a project that had users once.
    remembered = yaml.safe_load((rendered() / ".copier-answers.yml").read_text())
    past = remembered | {"auth": "none", "had_auth": True, "gave_up_auth": True}
    past |= {"had_jobs": True, "gave_up_jobs": True}
    past |= {"revisions": "b7c2d1e8f340 e91f6a20d4b8 5d27a9c4e81b 8be3f0d6172c"}
    for number, answers in enumerate([*code_variants(), *texts, past]):
        project = workspace / str(number)
        worker = run_copy(str(marked), project, data=answers, defaults=True, quiet=True)
        for path in files(project):
            seen |= {int(n) for n in re.findall(r"@@(\d+)@@", path.read_text())}
        given = worker.answers.combined
        for question, by_answer in given["features"].items():
            assert by_answer.keys() <= set(choices(CONFIG[question], {}))
            for answer, paths in by_answer.items():
                listed |= set(paths)
                if given[question] == answer:
                    found |= {path for path in paths if any(project.glob(path))}
    unseen = [sources[n].name for n in set(range(len(sources))) - seen]
    assert not unseen
    assert listed == found


def test_blocks_stand_alone_on_their_lines_and_are_nested_at_most_once() -> None:
    opening, closing = r"\{% (if|for|macro|call) ", r"\{% end(if|for|macro|call) %\}"
    for path in (ROOT / "template").rglob("*.jinja"):
        depth = 0
        for line in path.read_text().splitlines():
            assert "{%-" not in line, path
            alone = re.fullmatch(r"\{%.*%\}", line) and line.count("{%") == 1
            assert "{%" not in line or alone, (path, line)
            depth += bool(re.match(opening, line)) - bool(re.match(closing, line))
            assert depth in {0, 1, 2}, (path, line)
        assert depth == 0, path
