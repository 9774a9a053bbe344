"""What measures the service: that it measures. What it finds differs by machine."""

import re
import sys

from benchmarks.chart import chart
from benchmarks.figures import load
from benchmarks.jobs import ROWS
from benchmarks.profile import PARTS, REST, parts
from benchmarks.report import CHART, PAGE, ratios, with_figures
from tests.conftest import run
from tests.matrix import ROOT

STACKS = """\
run_asgi (uvicorn/server.py:8);serve (app/core/limits/deadline.py:3) 2
run_asgi (uvicorn/server.py:8);serve (app/core/x.py:3);loads (json/__init__.py:9) 3
_bootstrap (threading.py:1);_run (app/core/logging/handler.py:99);dumps (json/x.py:1) 4
_bootstrap (threading.py:1);wait (threading.py:2) 1
"""


def test_a_service_and_bare_applications_are_measured() -> None:
    numbers = ("--rounds=1", "--requests=8", "--starts=1")
    variant = "domain-async-none-jobs"
    command = (sys.executable, "-m", "benchmarks.bench", variant, *numbers)
    said = run(*command, cwd=ROOT)
    rows = [
        line.split(" | ") for line in said.splitlines() if line.startswith("| async")
    ]
    assert [cells[1] for cells in rows] == [
        "constant",
        "404",
        "read one",
        "list 20",
        "list 100",
        "create",
    ]
    for cells in rows:
        ours, bare, ratio, _, sql, _ = cells[2:]
        for cost in (ours, bare, sql):
            assert re.fullmatch(r"[1-9]\d* µs", cost)
        assert re.fullmatch(r"\*\*\d+\.\d\d\*\*", ratio)
    kinds = [name for name, *_ in ROWS]
    of_jobs = {kind: said.partition(f"| {kind} | ")[2].split(" |")[0] for kind in kinds}
    assert len(of_jobs) == 7
    for kind, cost in of_jobs.items():
        assert re.fullmatch(r"[1-9]\d* (/s|µs|ms|MB)", cost), kind


def test_the_page_shows_the_figures_that_are_kept() -> None:
    now, before = load("now"), load("before")
    page = PAGE.read_text()
    assert with_figures(page, now, before) == page, "uv run python -m benchmarks.report"
    assert chart(ratios(now), ratios(before)) == CHART.read_text()


def test_what_runs_belongs_to_the_innermost_part() -> None:
    found = parts(STACKS)
    assert found == {"log": 0.4, "endpoint": 0.3, "other middleware": 0.2, REST: 0.1}
    assert found.keys() <= {*PARTS, REST}
