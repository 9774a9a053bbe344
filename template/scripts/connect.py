"""``uv run poe alembic …`` and ``uv run poe psql …``, connected to the database.

The database is that of ``DATABASE_URL``, or a local one, which is started.
"""

import os
import shutil
import signal
import subprocess
import sys

from alembic.config import main as alembic
from sqlalchemy import URL

from app.settings import load_settings
from scripts.servers import DATA, local_servers


def main() -> None:
    """Run the command in the first argument, with the other arguments."""
    name, *arguments = sys.argv[1:]
    with local_servers(DATA):
        if name == "alembic":
            alembic(arguments, prog="poe alembic")
        else:
            psql(load_settings().database.url, arguments)


def psql(url: URL, arguments: list[str]) -> None:
    """Run psql, and end the process with its exit code unless that is 0."""
    place, _, options = url.set(password=None).render_as_string().partition("?")
    options = options.replace("+", "%20")  # psql does not decode + to a space
    command = [find_psql(), "--dbname", f"{place}?{options}"]
    environment = {**os.environ, "PGPASSWORD": str(url.password or "")}
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # psql handles Ctrl+C
    try:
        result = subprocess.run([*command, *arguments], check=False, env=environment)
    finally:
        signal.signal(signal.SIGINT, before)
    if result.returncode:
        raise SystemExit(result.returncode)


def find_psql() -> str:
    """Return the psql of this machine, or the one in the wheel of PostgreSQL."""
    installed = shutil.which("psql")
    if installed:
        return installed
    try:
        from scripts.postgresql import BINARIES  # noqa: PLC0415
    except ImportError:  # on some platforms
        raise SystemExit("There is no psql: install PostgreSQL's client.") from None
    return str(BINARIES / "psql")


if __name__ == "__main__":
    main()
