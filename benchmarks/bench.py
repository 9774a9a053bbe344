"""``uv run poe bench``: what a service costs beside bare applications, in turn.

On Linux, on this machine only. All figures are medians of several rounds.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import jobs
from benchmarks.figures import NAMES, save
from benchmarks.measure import Numbers, in_turn, measure
from benchmarks.projects import prepared
from benchmarks.report import table, write
from tests.cell import find
from tests.matrix import ROOT, code_variants, variant_id


def main() -> None:
    """Measure some variants, print a table, and keep the figures if that is wanted."""
    parser = argparse.ArgumentParser(prog="poe bench", description=__doc__)
    parser.add_argument("variants", nargs="*", help="as uv run poe matrix prints them")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--requests", type=int, default=100, help="in a round")
    parser.add_argument("--starts", type=int, default=3, help="of each server")
    add_common_options(parser)
    arguments = parser.parse_args()
    begin = time.monotonic()
    numbers = (arguments.rounds, arguments.requests, arguments.starts)
    for name in arguments.variants or all_variants():
        with prepared(find(name), arguments.commit) as project:
            found = measure(project, *numbers)
            if project.answers["jobs"] and project.answers["database"] == "async":
                print(jobs.table(jobs.measure(project, *numbers[:2])))
        print(table({name: found}), flush=True)
        if arguments.write:
            save(arguments.write, "variants", {name: found})
    if not arguments.variants:
        rendering = render_in_turn(arguments.commit, arguments.starts)
        print(f"A project is rendered in {rendering['seconds']:.2f} s.")
        if arguments.write:
            save(arguments.write, "rendering", rendering)
    if arguments.write:
        write()
    print(f"Measured in {time.monotonic() - begin:.0f} s.")


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Add which template is measured, and where the figures go."""
    help_ = "the commit of the template; by default, its files of today"
    parser.add_argument("--commit", default="HEAD", help=help_)
    help_ = "keep the figures, and write docs/performance.md and its chart"
    parser.add_argument("--write", choices=NAMES, help=help_)


def all_variants() -> list[str]:
    """Return one layout of each variant: the layout moves files, and no work."""
    found = (one for one in code_variants() if one["layout"] == "domain")
    return [variant_id(one) for one in found]


def render_in_turn(commit: str, rounds: int) -> Numbers:
    """Return the seconds that the command takes to make a project."""

    def render() -> Numbers:
        with TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "copier", "copy", "--defaults", "--quiet"]
            command += [f"--vcs-ref={commit}", str(ROOT), str(Path(folder, "project"))]
            begin = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            return {"seconds": time.perf_counter() - begin}

    return in_turn({"rendering": render}, rounds)["rendering"]


if __name__ == "__main__":
    main()
