"""The project that a domain is added to, read from its files."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from domains.definitions import definitions
from domains.names import Names, Refusal

ANSWERS = Path(".copier-answers.yml")
# The folder of each module of a domain, in technical layers.
LAYERS = {
    "dependencies": "api/dependencies",
    "exceptions": "exceptions",
    "models": "models",
    "repository": "repositories",
    "router": "api/v1",
    "schemas": "schemas",
    "service": "services",
}


@dataclass(frozen=True)
class Project:
    """A folder with a service, and the answers that it was rendered with."""

    folder: Path
    answers: Mapping[str, Any]

    @property
    def is_layer(self) -> bool:
        """Whether modules are in technical layers."""
        return bool(self.answers["layout"] == "layer")

    @property
    def is_async(self) -> bool:
        """Whether queries are coroutines."""
        return bool(self.answers["database"] == "async")

    @property
    def has_auth(self) -> bool:
        """Whether there are users, who own rows."""
        return bool(self.answers["auth"] != "none")

    def modules(self, names: Names) -> dict[str, Path]:
        """Return the paths of the modules of a domain, by role."""
        if self.is_layer:
            return {
                role: Path("app", folder, f"{names.plural}.py")
                for role, folder in LAYERS.items()
            }
        roles = ("__init__", *LAYERS)
        return {role: Path("app", names.plural, f"{role}.py") for role in roles}

    def tests(self, names: Names) -> Path:
        """Return the folder with the tests of a domain."""
        return Path("tests", names.plural)

    def read(self, path: Path) -> str:
        """Return the text of a file."""
        return (self.folder / path).read_text("utf-8")

    @cached_property
    def definitions(self) -> dict[str, Path]:
        """What the application and that of its tests define once, by module."""
        return {
            definition: path.relative_to(self.folder)
            for place in ("app", "tests/support")
            for path in sorted((self.folder / place).rglob("*.py"))
            for definition in definitions(path.read_text("utf-8"))
        }


def open_project(folder: Path) -> Project:
    """Read the answers of a project; raises ``Refusal``."""
    try:
        answers = yaml.safe_load((folder / ANSWERS).read_text("utf-8"))
    except FileNotFoundError:
        raise Refusal(
            f"There is no {ANSWERS} in this folder. Run the command at the top of a "
            "project that comes from this template."
        ) from None
    return Project(folder, answers)


def module_name(path: Path) -> str:
    """``app/orders/models.py`` -> ``app.orders.models``."""
    return ".".join(path.with_suffix("").parts)
