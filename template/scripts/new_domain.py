"""``uv run poe new-domain orders``: add a domain.

The generator is part of the template. uv fetches it from where the template is, in the
version that this project has.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import yaml

ANSWERS = Path(".copier-answers.yml")
HOSTS = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}


def main() -> None:
    """Run the generator with the arguments of this command."""
    answers = yaml.safe_load(ANSWERS.read_text("utf-8"))
    source = find_source(str(answers["_src_path"]), answers.get("_commit"))
    uvx = ["uvx", "--from", source]
    fetch = [*uvx, "python", "-c", ""]
    fetched = subprocess.run(fetch, capture_output=True, check=False)
    if fetched.returncode:
        lines = fetched.stderr.decode().strip().splitlines()
        reasons = [line for line in lines if "fatal:" in line] or lines[-1:]
        refuse(reasons[0].strip())
    added = subprocess.run([*uvx, "new-domain", *sys.argv[1:]], check=False)
    raise SystemExit(added.returncode)


def find_source(template: str, commit: str | None) -> str:
    """Return a template as uv names it: a folder, or ``git+URL@VERSION``."""
    # "0.3.0-2-g1a2b3c4" is a commit after a tag.
    version = re.sub(r"^.+-\d+-g(?=[0-9a-f]{7,}$)", "", commit or "")
    folder = Path(template).expanduser().absolute()
    if (folder / "copier.yml").is_file():
        is_known = commit and has_version(folder, version)
        return f"git+{folder.as_uri()}@{version}" if is_known else str(folder)
    for short, host in HOSTS.items():
        if template.startswith(short):
            template = host + template.removeprefix(short).lstrip("/")
    # "git@example.com:team/template.git" is no URL.
    url = re.sub(r"^([\w.-]+@[\w.-]+):", r"ssh://\1/", template).removeprefix("git+")
    if "://" not in url:
        refuse(f"there is none in {folder}")
    return f"git+{url}@{version}"


def has_version(folder: Path, version: str) -> bool:
    """Tell whether a repository has a version; uncommitted changes are none."""
    command = ["git", "cat-file", "-e", version + "^{commit}"]
    found = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    return found.returncode == 0


def refuse(reason: str) -> NoReturn:
    """End the process because the template is not where it was."""
    raise SystemExit(f"Cannot fetch the template that {ANSWERS} names: {reason}")


if __name__ == "__main__":
    main()
