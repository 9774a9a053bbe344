"""``uv run poe revision "add price"``: write a migration from the changed models.

Where two branches have met, it also joins them.
"""

import argparse
from pathlib import Path
from typing import Any

from alembic import command
from alembic.script import Script

from app.core.settings import load_settings
from app.metadata import metadata
from scripts.differences import Difference, differences
from scripts.migrate import alembic_config, migrate
from scripts.servers import DATA, local_servers

UNWRITTEN = """\
Alembic does not write these differences. Add them to a revision by hand, such as an
empty one (--empty):"""


def main() -> None:
    """Compare the models with a migrated database and write down the difference."""
    parser = argparse.ArgumentParser(prog="poe revision", description=__doc__)
    parser.add_argument("words", nargs="+", metavar="message", help="what changes")
    parser.add_argument("--empty", action="store_true", help="to write it by hand")
    arguments = parser.parse_args()
    found: list[Difference] = []

    def compare(context: Any, heads: Any, directives: list[Any]) -> None:  # noqa: ANN401
        """Write nothing if no model has changed, and there are no branches to join."""
        found.extend(differences(context.connection, metadata))
        if directives[0].upgrade_ops.is_empty() and len(heads) == 1:
            directives.clear()

    with local_servers(DATA):
        settings = load_settings().database
        migrate(settings)
        script = command.revision(
            alembic_config(settings),
            message=" ".join(arguments.words),
            head="heads",
            autogenerate=not arguments.empty,
            process_revision_directives=None if arguments.empty else compare,
        )
    written = Path(script.path).read_text() if isinstance(script, Script) else ""
    unwritten = [str(each) for each in found if f'"{each.name}"' not in written]
    if unwritten:
        print(UNWRITTEN, *unwritten, sep="\n  ")
    elif not written:
        print("Nothing to write: the models and the database agree.")


if __name__ == "__main__":
    main()
