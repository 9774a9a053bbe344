"""A reader who follows a page in a project."""

import shlex
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

import httpx2

from tests.conftest import attempt
from tests.guides import blocks, change, curl, matches
from tests.test_first_steps import serving

# Commands that serve until Ctrl+C → the same on another port.
SERVERS = {
    "uv run poe dev": "uv run poe dev --port {port}",
    "uv run --no-sync python -m app.serve": "uv run --no-sync python -m app.serve",
}
# What begins so is said by a command that ends with an error.
REFUSALS = ("The settings are not valid:", "Not safe for production:")


@dataclass
class Reader:
    """Does in a project what a page says, and expects to see what it shows."""

    project: Path
    variables: dict[str, str] = field(default_factory=dict)
    # Variables for which the page shows values that nothing here could use.
    secrets: dict[str, str] = field(default_factory=dict)
    # Command → variables that make it shorter here.
    shorter: dict[str, dict[str, str]] = field(default_factory=dict)

    def follow(self, page: str) -> None:
        """Do all of it, but for what cannot be done here."""
        with ExitStack() as self.server:
            for block in blocks(page):
                if block.language == "diff":
                    change(self.project, block.text)
                elif block.language == "console" and block.runs:
                    for command, shown in block.commands():
                        self.type(command, shown)

    def type(self, command: str, shown: str) -> None:
        """Type a command; a server goes on for as long as it is asked something."""
        if command.startswith("curl "):
            said = curl(self.client, Template(command).substitute(self.variables))
            assert matches(shown, said), f"{command}\n{said}"
            return
        self.server.close()
        if command in SERVERS:
            server = serving(
                self.project, SERVERS[command], shown=shown, **self.variables
            )
            self.client: httpx2.Client = self.server.enter_context(server)
        elif command.startswith("export "):
            for assignment in shlex.split(command)[1:]:
                name, _, value = assignment.partition("=")
                self.variables[name] = self.secrets.get(name, value)
        else:
            self.run(command, shown)

    def run(self, command: str, shown: str) -> None:
        """Run what ends by itself; of what a page leaves out, nothing is compared."""
        variables = self.variables | self.shorter.get(command, {})
        # poe says what it runs.
        quiet = f"({command}) 2>&1 | grep -v '^Poe => '; exit ${{PIPESTATUS[0]}}"
        result = attempt("bash", "-c", quiet, cwd=self.project, **variables)
        if shown:
            assert matches(shown, result.stdout), f"{command}\n{result.stdout}"
        assert bool(result.returncode) == shown.startswith(REFUSALS), command
