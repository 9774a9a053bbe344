"""Pages of ``docs/`` as text: commands, what they show, and changes of files."""

import argparse
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.matrix import ROOT

DOCS = ROOT / "docs"
# What a page says in front of commands that nothing here can run.
NOT_RUN = re.compile(
    r"\*Needs a (Docker engine|Kubernetes cluster)\. Our tests do not run it\.\*\n\n"
)


@dataclass(frozen=True)
class Block:
    """A block of code on a page, and whether it can be tried here."""

    language: str
    text: str
    runs: bool
    file: str  # that has this text

    def commands(self) -> list[tuple[str, str]]:
        """Return each command, and what the page shows after it."""
        pattern = r"^\$ (.*)\n((?:(?!\$ ).*\n)*)"
        return re.findall(pattern, self.text, re.MULTILINE)


def page(name: str) -> str:
    """Return a page of the site."""
    return (DOCS / name).read_text()


def blocks(page: str) -> Iterator[Block]:
    """Return the blocks of a page, in their order."""
    for found in re.finditer(r"^```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        before = page[: found.start()]
        is_run = not re.search(NOT_RUN.pattern + r"\Z", before)
        file = re.search(r"^`(.+)`:\n\n\Z", before, re.MULTILINE)
        yield Block(found[1], found[2], is_run, file[1] if file else "")


def matches(shown: str, said: str) -> bool:
    """Tell whether this was said; "…" stands for anything."""
    parts = (re.escape(part) for part in shown.strip().split("…"))
    return bool(re.fullmatch(".*".join(parts), said.strip(), re.DOTALL))


def hunks(diff: str) -> list[tuple[str, str]]:
    """Return what a diff replaces, and by what."""
    return [(side(hunk, "-"), side(hunk, "+")) for hunk in diff.split("@@\n")]


def side(hunk: str, sign: str) -> str:
    """Return the lines on one side of a diff, with those of both."""
    lines = [line for line in hunk.splitlines() if line[:1] in {"", " ", sign}]
    return "".join(f"{line[1:]}\n" for line in lines)


def change(project: Path, block: str, *, may_be_gone: bool = False) -> None:
    """Make the changes of a block to each file that it names in a line of its own.

    "…" in the name of a file stands for any text. With ``may_be_gone``, files and lines
    that do not exist are skipped.
    """
    for one in re.split(r"(?m)^\+\+\+ ", block)[1:]:
        name, _, diff = one.partition("\n")
        pattern = name.replace("…", "*")
        (path,) = project.glob(pattern) if "…" in name else [project / name]
        if path.exists() or not may_be_gone:
            change_file(path, diff, may_be_gone=may_be_gone)


def change_file(path: Path, diff: str, *, may_be_gone: bool = False) -> None:
    """Make changes to a file; "…" in lines that are replaced stands for any text."""
    text = path.read_text() if path.exists() else ""
    for before, after in hunks(diff):
        lines = ".*?".join(re.escape(part) for part in before.split("…"))
        found = list(re.finditer(f"^{lines}", text, re.MULTILINE | re.DOTALL))
        if may_be_gone and not found:
            continue
        assert len(found) == 1 or not text, f"{path} has no single\n{before}"
        text = text[: found[0].start()] + after + text[found[0].end() :]
    path.write_text(text)


def curl(client: httpx2.Client, command: str) -> str:
    """Send what a command of curl would send, and return what it would print."""
    answer = sent_by(client, command)
    head = [f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}"]
    head += [f"{name}: {value}" for name, value in answer.headers.items()]
    return "\n".join([*head, "", answer.text]) if " -i " in command else answer.text


def sent_by(client: httpx2.Client, command: str) -> httpx2.Response:
    """Send what a command of curl would send, and return the answer."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("-d", action="append", default=[])
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("-i", action="store_true")
    said = parser.parse_args(shlex.split(command)[1:])
    headers = dict(one.split(": ", 1) for one in said.H)
    if said.d:
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    return client.request(
        "POST" if said.d else "GET",
        said.url.removeprefix("http://127.0.0.1:8000"),
        headers=headers,
        content="&".join(said.d) or None,
    )
