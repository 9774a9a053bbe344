"""The CPU time of a request in the service, PostgreSQL and PgBouncer, if there is one.

It shows the bottleneck. Run it: ``uv run python -m benchmarks.cost_of_scale``
"""

import argparse
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

from benchmarks.load import send
from benchmarks.measure import Numbers, Question, questions
from benchmarks.projects import Project, fill, prepared
from benchmarks.servers import SERVICE, Server, cpu_time, serving
from tests.matrix import code_variants
from tests.production import free_port, is_open, wait_until

SERVERS = ("service", "postgres", "pgbouncer")
REQUESTS = ("create", "read one", "list 20")
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


def main() -> None:
    """Print a table; each number is the median of several rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=1000, help="in a round")
    arguments = parser.parse_args()
    print("| database | request | service (µs) | PostgreSQL (µs) | PgBouncer (µs) |")
    print("|---|---|---|---|---|")
    for answers in code_variants():
        if (answers["layout"], answers["auth"]) != ("domain", "none"):
            continue
        if answers["redis"]:
            continue
        with prepared(answers) as project:
            found = measure(project, arguments.rounds, arguments.requests)
        for request, rounds in found.items():
            costs = (median(one[name] for one in rounds) for name in SERVERS)
            row = " | ".join(f"{cost:.0f}" for cost in costs)
            print(f"| {answers['database']} | {request} | {row} |", flush=True)


def measure(project: Project, rounds: int, count: int) -> dict[str, list[Numbers]]:
    """Send requests on each way to the database, in turn; the first time in vain."""
    result: dict[str, list[Numbers]] = {}
    with ExitStack() as stack:
        ways = {"direct": stack.enter_context(serving(project, SERVICE))}
        asked = questions(project.answers, *fill(project, ways["direct"].port))
        if shutil.which("pgbouncer"):
            behind = stack.enter_context(pooled(project))
            ways["pooled"] = stack.enter_context(serving(behind, SERVICE))
        for _ in range(rounds + 1):
            for name in REQUESTS:
                for way, server in ways.items():
                    found = costs(server, asked[name], count)
                    result.setdefault(f"{name}, {way}", []).append(found)
    return {name: found[1:] for name, found in result.items()}


def costs(server: Server, question: Question, count: int) -> Numbers:
    """Return the CPU time of a request where it is used, in microseconds."""

    def used() -> Numbers:
        others = {name: cpu_time_of(name) for name in ("postgres", "pgbouncer")}
        return {"service": server.cpu_time()} | others

    before = used()
    send(server.port, question.requests, count, question.status)
    after = used()
    return {name: (after[name] - before[name]) / count * 1e6 for name in after}


def cpu_time_of(name: str) -> float:
    """Return the seconds that all processes of this name have used."""
    named = (path for path in Path("/proc").glob("[0-9]*/comm") if is_named(path, name))
    return sum((cpu_time(int(path.parent.name)) for path in named), start=0.0)


def is_named(path: Path, name: str) -> bool:
    """Tell whether a process has this name, if it is there still."""
    try:
        return path.read_text().strip() == name
    except OSError:
        return False


@contextmanager
def pooled(project: Project) -> Iterator[Project]:
    """Let a project reach its database through PgBouncer until the block ends."""
    port = free_port()
    (host,) = parse_qs(urlsplit(project.settings["DATABASE_URL"]).query)["host"]
    with TemporaryDirectory() as folder:
        config = Path(folder, "pgbouncer.ini")
        config.write_text(PGBOUNCER.format(host=host, port=port))
        Path(folder).chmod(0o755)
        user = ["--user", Path(host).owner()] if os.geteuid() == 0 else []
        with subprocess.Popen(["pgbouncer", "--quiet", *user, config]) as process:
            wait_until(lambda: is_open(port))
            url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
            settings = {"DATABASE_URL": url, "DATABASE_TRANSACTION_POOLING": "True"}
            yield replace(project, settings=project.settings | settings)
            process.terminate()


if __name__ == "__main__":
    main()
