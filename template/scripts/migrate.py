"""``uv run poe migrate``: migrate the database to the newest revision."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from app.core.database import DatabaseSettings
from app.core.errors import AppError
from app.core.logging import configure_logs
from app.settings import load_settings
from scripts.servers import DATA, local_servers

logger = logging.getLogger("scripts.migrate")


def alembic_config(settings: DatabaseSettings) -> Config:
    """Return the configuration of ``pyproject.toml`` for this database."""
    config = Config(toml_file="pyproject.toml")
    config.attributes["database"] = settings
    return config


def migrate(settings: DatabaseSettings) -> None:
    """Run all pending revisions, or end the process with a message of one line."""
    with exit_on_error(f"migrate {settings.url}"):
        command.upgrade(alembic_config(settings), "heads")


@contextmanager
def exit_on_error(action: str) -> Iterator[None]:
    """End the process with a message of one line if the database does not respond."""
    try:
        yield
    except (AppError, CommandError, DBAPIError) as error:
        reason = " ".join(str(getattr(error, "orig", error)).split())
        raise SystemExit(f"Cannot {action}: {reason}") from None


if __name__ == "__main__":
    with local_servers(DATA):
        settings = load_settings()
        configure_logs(settings.log, settings.app)
        migrate(settings.database)
        logger.info("%s is at the newest revision.", settings.database.url)
