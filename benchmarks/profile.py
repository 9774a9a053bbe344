"""``uv run poe profile``: where the CPU time of a request goes, part by part.

py-spy looks 400 times a second at what runs. What the standard library does belongs to
the code that called it. It needs the right to look into a process: be root, or allow it
(``kernel.yama.ptrace_scope=0``).
"""

import argparse
import re
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from benchmarks.bench import add_common_options
from benchmarks.figures import save
from benchmarks.measure import Numbers, Question, questions, rivals, visit
from benchmarks.projects import Project, fill, prepared
from benchmarks.report import parts_table, write
from benchmarks.servers import SERVICE, Server, serving
from tests.cell import find

# Part → where its code is; the first that fits has it.
PARTS = {
    "uvicorn, event loop": "uvicorn/|uvloop",
    "FastAPI: dependencies": "fastapi/dependencies/|fastapi/concurrency|anyio/",
    "FastAPI, Starlette": "fastapi/|starlette/",
    "SQLAlchemy": "sqlalchemy/",
    "driver of PostgreSQL": "asyncpg/|psycopg",
    "Pydantic": "pydantic",
    "Redis": "redis/|app/core/cache/|async_timeout",
    "log": "app/core/logging/",
    "rate limits": "/limits/(?!.*app)|app/core/(counters|rate_limits)/",
    "request id, trace": "uuid_utils|opentelemetry/|app/core/request/",
    "metrics": "prometheus_client/|app/core/metrics/",
    "tokens, permissions": "jwt/|app/core/security/|app/auth/",
    "database sessions": "app/core/database/",
    "other middleware": "app/core/(errors|http|limits|server)/",
    "endpoint": "app/|benchmarks/",
}
REST = "rest"
FRAME = re.compile(r"(.*) \((.*?)(?::\d+)?\)")


def main() -> None:
    """Print the parts of a read, of the service and of its first rival."""
    parser = argparse.ArgumentParser(prog="poe profile", description=__doc__)
    parser.add_argument("variants", nargs="*", help="as uv run poe matrix prints them")
    parser.add_argument("--seconds", type=int, default=20, help="for each server")
    add_common_options(parser)
    arguments = parser.parse_args()
    for name in arguments.variants or ["domain-async-none"]:
        with prepared(find(name), arguments.commit) as project:
            found = profile(project, arguments.seconds)
        print(parts_table({name: found}), flush=True)
        if arguments.write:
            save(arguments.write, "parts", {name: found})
    if arguments.write:
        write()


def profile(project: Project, seconds: int) -> dict[str, Numbers]:
    """Return the µs of each part of reading an item."""
    with ExitStack() as stack:
        names = [SERVICE, rivals(project.answers)[0]]
        servers = {name: stack.enter_context(serving(project, name)) for name in names}
        path, sent = fill(project, servers[SERVICE].port)
        asked = questions(project.answers, path, sent)
        (question,) = (asked[name] for name in asked if name.startswith("read one"))
        output = project.folder / "stacks.txt"
        found = {}
        for name, server in servers.items():
            looks = [visit(server, question, 400)["cpu"] for _ in range(9)]
            shares = parts(sampled(server, question, seconds, output))
            cpu = median(looks[1:])
            found[name] = {part: share * cpu for part, share in shares.items()}
        return found


def sampled(server: Server, question: Question, seconds: int, output: Path) -> str:
    """Return the stacks of a server that is busy, each with how often it was seen."""
    command = ["uvx", "py-spy", "record", "--gil", "--rate=400", "--format=raw"]
    command += [f"--pid={server.pid}", f"--duration={seconds}", f"--output={output}"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as spy:
        while spy.poll() is None:
            visit(server, question, 100)
        assert spy.stdout
        assert spy.returncode == 0, spy.stdout.read()
    return output.read_text()


def parts(stacks: str) -> Numbers:
    """Return the share of each part."""
    seen: Counter[str] = Counter()
    for line in stacks.splitlines():
        stack, _, count = line.rpartition(" ")
        seen[part(stack)] += int(count)
    return {name: count / seen.total() for name, count in seen.most_common()}


def part(stack: str) -> str:
    """Return to which part belongs what was running: the innermost that is not Python.

    Writing the log has a thread of its own.
    """
    frames = [found[2] for frame in stack.split(";") if (found := FRAME.match(frame))]
    if any("app/core/logging/handler" in path for path in frames[:5]):
        return "log"
    for path in reversed(frames):
        top = path.partition("/")[0].removesuffix(".py")
        if top in sys.stdlib_module_names or path.startswith("<"):
            continue
        for name, where in PARTS.items():
            if re.match(where, path):
                return name
    return REST


if __name__ == "__main__":
    main()
