"""The database for development, for commands that must not change another one."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

from sqlalchemy import URL

from app.settings import Settings, load_settings
from scripts.servers import DATA, local_servers


@contextmanager
def local_database(command: str, description: str | None) -> Iterator[Settings]:
    """Parse the arguments of a command, and run it with these settings.

    In production, or with a database on another machine, it ends without ``--force``.
    """
    parser = argparse.ArgumentParser(prog=f"poe {command}", description=description)
    parser.add_argument(
        "--force", action="store_true", help="also in production and on other machines"
    )
    force = parser.parse_args().force
    with local_servers(DATA):
        settings = load_settings()
        url = settings.database.url
        if not force and (settings.app.is_production or not is_local(url)):
            raise SystemExit(
                f"{url} is no development database on this machine. "
                f"If you mean it: uv run poe {command} --force"
            )
        yield settings


def is_local(url: URL) -> bool:
    """Tell whether a URL names hosts, and all of them are this machine."""
    query = url.normalized_query
    given = [url.host or "", *query.get("host", ()), *query.get("hostaddr", ())]
    hosts = [host for hosts in given for host in hosts.split(",") if host]
    return bool(hosts) and all(is_loopback(host) for host in hosts)


def is_loopback(host: str) -> bool:
    """Tell whether a host is a loopback address or the folder of a Unix socket."""
    name = host.partition(":")[0] if host.count(":") == 1 else host  # has a port
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.startswith("/")
