"""``uv run poe revision "add price"``: write a migration from the changed models.

It also merges two branches. It runs the revision it has written, and lists differences
that need work by hand.
"""

import argparse
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy.exc import DBAPIError

from app.metadata import metadata
from app.settings import load_settings
from scripts.migrate import alembic_config, migrate
from scripts.schema_differences import differences
from scripts.servers import DATA, local_servers

AGREE = "Nothing to write: the models and the database agree."
FAILS = "The revision fails on this database. Correct it by hand:"
UNWRITTEN = """\
Alembic does not write these differences. Add them to a revision by hand, such as an
empty one (--empty):"""


def main() -> None:
    """Compare the models with a migrated database, and write the differences."""
    parser = argparse.ArgumentParser(prog="poe revision", description=__doc__)
    parser.add_argument("words", nargs="+", metavar="message", help="what changes")
    parser.add_argument("--empty", action="store_true", help="to write it by hand")
    arguments = parser.parse_args()
    with local_servers(DATA):
        settings = load_settings().database
        migrate(settings)
        config = alembic_config(settings)
        script = command.revision(
            config,
            message=" ".join(arguments.words),
            head="heads",
            autogenerate=not arguments.empty,
            process_revision_directives=None if arguments.empty else drop_if_empty,
        )
        if not arguments.empty:
            report(config, script if isinstance(script, Script) else None)


def drop_if_empty(_context: object, heads: Any, directives: list[Any]) -> None:  # noqa: ANN401
    """Write nothing if no model has changed and there are no branches to merge."""
    if directives[0].upgrade_ops.is_empty() and len(heads) == 1:
        directives.clear()


def report(config: Config, script: Script | None) -> None:
    """Print the differences that remain after the revision."""
    try:
        left = find_differences_after(config, script)
    except DBAPIError as error:
        print(FAILS, " ".join(str(error.orig).split()), sep="\n  ")
        return
    if left:
        print(UNWRITTEN, *left, sep="\n  ")
    elif script is None:
        print(AGREE)


def find_differences_after(config: Config, script: Script | None) -> list[str]:
    """Run a revision, compare the models with the database, and undo the revision."""
    left: list[str] = []

    def run(_heads: object, context: Any) -> list[Any]:  # noqa: ANN401
        with context.connection.begin_nested() as savepoint:
            if script:
                script.module.upgrade()
            left.extend(map(str, differences(context.connection, metadata)))
            savepoint.rollback()
        return []

    scripts = ScriptDirectory.from_config(config)
    with EnvironmentContext(config, scripts, fn=run):
        scripts.run_env()
    return left


if __name__ == "__main__":
    main()
