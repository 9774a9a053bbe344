"""Runs inside a rendered project: what a request costs the service and its database.

Prints a line of JSON: microseconds of CPU time per request, a number per round.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count as numbers
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

import httpx2
import psutil
from scripts.servers import local_servers

from benchmarks.measure import Server, free_port, prepare, serving, wait_for

ITEMS = "/api/v1/items"
PGBOUNCER = """
[databases]
* = host={host} user=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 100
"""
Request = Callable[[httpx2.Client], httpx2.Response]


def cpu_time(name: str) -> float:
    """Return the seconds that all processes of this name have used."""
    named = (process for process in psutil.process_iter() if process.name() == name)
    return sum(map(seconds, named), start=0.0)


def seconds(process: psutil.Process) -> float:
    """Return the CPU time of a process."""
    time = process.cpu_times()
    return float(time.user + time.system)


def costs(server: Server, request: Request, count: int) -> dict[str, float]:
    """Return the CPU time of a request where it is used, in microseconds."""

    def used() -> dict[str, float]:
        own = seconds(psutil.Process(server.pid))
        others = {name: cpu_time(name) for name in ("postgres", "pgbouncer")}
        return {"service": own} | others

    with httpx2.Client(base_url=f"http://127.0.0.1:{server.port}") as client:
        before = used()
        for _ in range(count):
            request(client).raise_for_status()
        after = used()
    return {name: (after[name] - before[name]) / count * 1e6 for name in after}


@contextmanager
def pooled() -> Iterator[None]:
    """Let the service reach its database through PgBouncer until the block ends."""
    url, port = os.environ["DATABASE_URL"], free_port()
    (host,) = parse_qs(urlsplit(url).query)["host"]
    owner = Path(host).owner()
    with TemporaryDirectory() as folder:
        config = Path(folder, "pgbouncer.ini")
        config.write_text(PGBOUNCER.format(host=host, port=port))
        Path(folder).chmod(0o755)
        user = ["--user", owner] if os.geteuid() == 0 else []
        with subprocess.Popen(["pgbouncer", "--quiet", *user, config]) as process:
            wait_for(port)
            os.environ["DATABASE_URL"] = (
                f"postgresql://postgres@127.0.0.1:{port}/postgres"
            )
            os.environ["DATABASE_TRANSACTION_POOLING"] = "True"
            yield
            process.terminate()
    os.environ["DATABASE_URL"] = url


def main(rounds: int, count: int) -> None:
    """Measure each request on each way to the database, in turn."""
    skus = numbers()

    def create(client: httpx2.Client) -> httpx2.Response:
        return client.post(ITEMS, json={"sku": f"item-{next(skus)}", "name": "Lamp"})

    with ExitStack() as stack:
        stack.enter_context(local_servers())
        path, _ = prepare()
        requests: dict[str, Request] = {
            "create": create,
            "read one": lambda client: client.get(path),
            "list 20": lambda client: client.get(ITEMS, params={"limit": 20}),
        }
        servers = {"direct": stack.enter_context(serving("app.main:app", Path()))}
        if shutil.which("pgbouncer"):
            stack.enter_context(pooled())
            servers["pooled"] = stack.enter_context(serving("app.main:app", Path()))
        result: dict[str, list[dict[str, float]]] = {}
        for _ in range(rounds + 1):
            for name, request in requests.items():
                for way, server in servers.items():
                    measured = costs(server, request, count)
                    result.setdefault(f"{name}, {way}", []).append(measured)
    warm = {name: measured[1:] for name, measured in result.items()}
    print(json.dumps(warm))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
