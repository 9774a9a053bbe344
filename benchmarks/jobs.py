"""What background jobs cost: ``uv run python -m benchmarks.jobs``.

Beside procrastinate without the service, a bare ``INSERT``, and the server.
"""

import argparse
import json
from contextlib import ExitStack
from statistics import median

from benchmarks.measure import Numbers
from benchmarks.projects import Project, prepared
from benchmarks.servers import SERVICE, WORKER, environment, serving
from tests.cell import find

VARIANT = "domain-async-none-jobs"
# A name, its unit, and its keys: of the service, and of what it is compared with.
ROWS = (
    ("empty jobs of a worker", "/s", "rate", "bare_rate"),
    ("an empty job, CPU time", "µs", "cpu", "bare_cpu"),
    ("enqueue, CPU time", "µs", "enqueue_cpu", "insert_cpu"),
    ("enqueue", "µs", "enqueue", "insert"),
    ("from commit to start, p50", "ms", "p50", ""),
    ("from commit to start, p99", "ms", "p99", ""),
    ("memory", "MB", "worker_memory", "server_memory"),
)


def main() -> None:
    """Measure a variant, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1000, help="in a round")
    arguments = parser.parse_args()
    with prepared(find(VARIANT)) as project:
        print(table(measure(project, arguments.rounds, arguments.jobs)))


def measure(project: Project, rounds: int, count: int) -> list[Numbers]:
    """Return the figures of several rounds."""
    with ExitStack() as stack:
        server = stack.enter_context(serving(project, SERVICE))
        worker = stack.enter_context(serving(project, WORKER))
        memory = {
            "server_memory": server.memory(),
            "worker_memory": worker.memory(),
        }
    command = ("-m", "benchmarks.bare.jobs_async", str(rounds), str(count))
    found: list[Numbers] = json.loads(project.run(*command, **environment(project)))
    return [one | memory for one in found]


def table(found: list[Numbers]) -> str:
    """Return the medians, and those of the ratios of each round."""
    lines = ["| jobs | service | beside it | ratio |", "|---|--:|--:|--:|"]
    for name, unit, ours, theirs in ROWS:
        cells = [f"{median(one[ours] for one in found):.0f} {unit}", "", ""]
        if theirs:
            cells[1] = f"{median(one[theirs] for one in found):.0f} {unit}"
            cells[2] = f"{median(one[ours] / one[theirs] for one in found):.2f}"
        lines.append(" | ".join([f"| {name}", *cells]) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
