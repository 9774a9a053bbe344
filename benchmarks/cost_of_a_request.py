"""The CPU time of a request with everything on, against a bare one-file application."""

import argparse
import json
import secrets
import statistics
import subprocess
from typing import Any

from tests.cell import environment, rendered
from tests.matrix import ROOT, Answers, code_variants

# Production, with what is on by default, and no budget that measuring would exceed.
SETTINGS = {
    "APP_ENVIRONMENT": "production",
    "AUTH_SIGNING_KEY": secrets.token_hex(32),
    "EMAIL_BACKEND": "smtp",
    "EMAIL_LINK_URL": "https://www.example.com",
    "RATE_CLIENT_READS": "1000000000 per 1 minute",
    "RATE_CLIENT_WRITES": "1000000000 per 1 minute",
    "RATE_USER_READS": "1000000000 per 1 minute",
}
Rounds = list[tuple[float, float]]


def main() -> None:
    """Print a table; each number is the median of several rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=4000, help="in a round")
    arguments = parser.parse_args()
    print("| variant | request | service (µs) | bare (µs) | ratio |")
    print("|---|---|---|---|---|")
    for answers in code_variants():
        if (answers["layout"], answers["database"]) != ("domain", "async"):
            continue
        name = f"auth={answers['auth']}, redis={str(answers['redis']).lower()}"
        measured = measure(answers, arguments.rounds, arguments.requests)
        for request, rounds in measured.items():
            print(f"| {name} | {request} | {row(rounds)} |", flush=True)


def row(rounds: Rounds) -> str:
    """Return the medians of a measurement."""
    ours, bare = (statistics.median(side) for side in zip(*rounds, strict=True))
    ratio = statistics.median(ours / bare for ours, bare in rounds)
    return f"{ours:.0f} | {bare:.0f} | {ratio:.2f}"


def measure(answers: Answers, rounds: int, requests: int) -> dict[str, Rounds]:
    """Render a project, and let its service and the bare one take turns."""
    result: dict[str, Rounds] = run_inside(answers, "measure.py", rounds, requests)
    return result


def run_inside(answers: Answers, script: str, rounds: int, requests: int) -> Any:  # noqa: ANN401
    """Render a project and return what a script that runs inside it has found out."""
    python = ("uv", "run", "--quiet", "--with=psutil", "python")
    path = ROOT / "benchmarks" / script
    with rendered(answers) as project:
        output = subprocess.run(
            [*python, str(path), str(rounds), str(requests)],
            cwd=project,
            env=environment() | SETTINGS | {"PYTHONPATH": f".:{ROOT}"},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    return json.loads(output.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
