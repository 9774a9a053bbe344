"""The CPU time of a request in the service, PostgreSQL and PgBouncer, if there is one.

It tells who is busy first. Run it: ``uv run python -m benchmarks.cost_of_scale``
"""

import argparse
import statistics

from benchmarks.cost_of_a_request import run_inside
from tests.matrix import code_variants

SERVERS = ("service", "postgres", "pgbouncer")


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
        numbers = (arguments.rounds, arguments.requests)
        found = run_inside(answers, "scale.py", *numbers)
        for request, rounds in found.items():
            costs = (statistics.median(one[name] for one in rounds) for name in SERVERS)
            row = " | ".join(f"{cost:.0f}" for cost in costs)
            print(f"| {answers['database']} | {request} | {row} |", flush=True)


if __name__ == "__main__":
    main()
