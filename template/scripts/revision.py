"""``uv run poe revision "add price"``: write a migration from the changed models.

Where two branches have met, it also joins them.
"""

import argparse
from typing import Any

from alembic import command

from app.core.settings import load_settings
from scripts.migrate import alembic_config, migrate
from scripts.servers import DATA, local_servers


def main() -> None:
    """Compare the models with a migrated database and write down the difference."""
    parser = argparse.ArgumentParser(prog="poe revision", description=__doc__)
    parser.add_argument("words", nargs="+", metavar="message", help="what changes")
    parser.add_argument("--empty", action="store_true", help="to write it by hand")
    arguments = parser.parse_args()
    with local_servers(DATA):
        settings = load_settings().database
        migrate(settings)
        command.revision(
            alembic_config(settings),
            message=" ".join(arguments.words),
            head="heads",
            autogenerate=not arguments.empty,
            process_revision_directives=None if arguments.empty else skip_if_empty,
        )


def skip_if_empty(_context: Any, heads: Any, directives: list[Any]) -> None:  # noqa: ANN401
    """Write nothing if no model has changed, and there are no branches to join."""
    if directives[0].upgrade_ops.is_empty() and len(heads) == 1:
        directives.clear()
        print("Nothing to write: the models and the database agree.")


if __name__ == "__main__":
    main()
