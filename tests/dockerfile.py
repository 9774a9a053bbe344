"""A Dockerfile run step by step in a folder, where there is no engine to build it."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

# What an empty environment still needs on this machine to find packages.
KEPT = re.compile(r"HOME|(UV|PIP|SSL)_.*|.*_PROXY", re.IGNORECASE)
NOT_KEPT = {"UV_PROJECT_ENVIRONMENT"}


@dataclass
class Image:
    """What a stage has made: its files are below ``root``."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    # What an engine would make of it later.
    notes: dict[str, str] = field(default_factory=dict)

    def place(self, path: str) -> Path:
        """Return where a path of the image is."""
        return self.root / os.path.join(self.folder, path).lstrip("/")  # noqa: PTH118

    def variables(self) -> dict[str, str]:
        """Return the environment of a command, with nothing of the caller's own."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if KEPT.fullmatch(name) and name not in NOT_KEPT
        }
        paths = self.environment["PATH"].split(":")
        path = ":".join(str(self.place(one)) for one in paths)
        return kept | self.environment | {"PATH": path}

    def run(self, *command: str, **variables: str) -> subprocess.Popen[str]:
        """Start a command in the image."""
        environment = self.variables() | variables
        program = shutil.which(command[0], path=environment["PATH"])
        assert program, f"There is no {command[0]} in the image"
        return subprocess.Popen(
            [program, *command[1:]],
            cwd=self.place("."),
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


def build(context: Path, folder: Path) -> Image:
    """Run all instructions; each stage has the same root, then moves out of it."""
    root = folder / "root"
    stages: dict[str, Path] = {}
    image = Image(root)
    for number, (name, rest) in enumerate(instructions(context / "Dockerfile")):
        if name == "FROM":
            if root.exists():
                root.rename(folder / f"stage-{number}")
                stages = {
                    alias: folder / f"stage-{number}" if path == root else path
                    for alias, path in stages.items()
                }
            source, _, alias = rest.partition(" AS ")
            image = base(source, root)
            stages[alias] = root
        else:
            step(image, name, rest, context, stages)
    return image


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    """Return the instructions without comments, each in one line."""
    text = re.sub(r"^#.*\n", "", dockerfile.read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\s*\\\n\s*", " ", text).splitlines()
    return [
        (name, rest.strip())
        for name, _, rest in (x.partition(" ") for x in lines)
        if name
    ]


def base(source: str, root: Path) -> Image:
    """Make what stands for an image of others: only what is used of it."""
    assert re.search("@sha256:[0-9a-f]{64}$", source), f"{source} may change"
    python = sys._base_executable  # type: ignore[attr-defined]  # noqa: SLF001
    programs = {
        "python": {"usr/local/bin/python": python},
        "uv": {"uv": shutil.which("uv"), "uvx": shutil.which("uvx")},
    }
    [name] = [name for name in programs if re.search(rf"(^|/){name}:", source)]
    for place, program in programs[name].items():
        assert program
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).symlink_to(Path(program).resolve())
    return Image(root, {"PATH": "/usr/local/bin"})


def step(
    image: Image, name: str, rest: str, context: Path, stages: dict[str, Path]
) -> None:
    """Run one instruction."""
    match name:
        case "WORKDIR":
            image.folder = rest
            image.place(".").mkdir(parents=True, exist_ok=True)
        case "ENV":
            image.environment |= pairs(rest, image.environment)
        case "ARG":
            image.environment.setdefault(*rest.split("=", 1))
        case "COPY":
            copy(image, rest.split(), context, stages)
        case "RUN" if rest.startswith("useradd --create-home "):
            image.place(f"/home/{rest.rsplit(maxsplit=1)[-1]}").mkdir(parents=True)
        case "RUN":
            process = image.run(*rest.split())
            output, _ = process.communicate(timeout=300)
            assert process.returncode == 0, f"RUN {rest}\n{output}"
        case "CMD" | "EXPOSE" | "HEALTHCHECK" | "LABEL" | "USER":
            image.notes[name] = rest
        case _:
            raise AssertionError(f"{name} is not known here")


def pairs(rest: str, known: dict[str, str]) -> dict[str, str]:
    """Read ``A=b C="d ${A}"``."""
    found = re.findall(r'([\w.]+)=(?:"([^"]*)"|(\S+))', rest)
    return {
        name: re.sub(r"\$\{(\w+)\}", lambda match: known[match[1]], quoted or plain)
        for name, quoted, plain in found
    }


def copy(
    image: Image, words: list[str], context: Path, stages: dict[str, Path]
) -> None:
    """Copy from another stage, or from the context as ``.dockerignore`` leaves it."""
    *sources, target = words
    place = image.place(target)
    if sources[0].startswith("--from="):
        stage = stages[sources.pop(0).removeprefix("--from=")]
        for source in sources:
            into = place / Path(source).name if target.endswith("/") else place
            move(stage / source.lstrip("/"), into)
        return
    patterns = (context / ".dockerignore").read_text().splitlines()
    for source in sources:
        for path in sorted((context / source).rglob("*")) or [context / source]:
            inside = path.relative_to(context)
            if path.is_file() and not is_ignored(inside, patterns):
                (place / inside).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, place / inside)


def is_ignored(path: Path, patterns: list[str]) -> bool:
    """Tell what the last pattern says that matches a path or a folder above it."""
    names = [path.as_posix(), *(parent.as_posix() for parent in path.parents)]
    ignored = False
    for pattern in patterns:
        plain = re.escape(pattern.removeprefix("!"))
        plain = plain.replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
        if any(re.fullmatch(plain, name) for name in names):
            ignored = not pattern.startswith("!")
    return ignored


def move(source: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, place, symlinks=True, dirs_exist_ok=True)
    else:
        shutil.copy(source, place, follow_symlinks=False)
