"""``uv run poe soak ID``: use a service, break its servers in turn, print figures."""

import argparse
import time
from collections import defaultdict

from tests.cell import find, rendered
from tests.conftest import run
from tests.production import wait_until
from tests.resilience.crowd import Crowd
from tests.resilience.faults import faults_of
from tests.resilience.figures import Figures, errors_of
from tests.resilience.service import BUDGETS, Service, services
from tests.resilience.trial import CALM


def main() -> None:
    """Print the figures; the exit code says whether something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("id", help="of a code tree, as uv run poe matrix prints it")
    parser.add_argument("--minutes", type=float, default=10)
    arguments = parser.parse_args()
    with rendered(find(arguments.id)) as project:
        run("uv", "sync", "--quiet", cwd=project)
        with services(project, project.parent / "servers", **BUDGETS) as service:
            seconds = arguments.minutes * 60
            figures = soak(service, seconds=seconds, calm=15, fault=6)
    print(*figures.lines(), sep="\n")  # noqa: T201
    raise SystemExit(not figures.is_good)


def soak(service: Service, *, seconds: float, calm: float, fault: float) -> Figures:
    """Let clients work while each server fails in turn, at least once."""
    crowd = Crowd(service, clients=8)
    recoveries: dict[str, float] = defaultdict(float)
    with crowd.running():
        time.sleep(calm)
        before = service.resources()
        end = time.monotonic() + seconds
        while not recoveries or time.monotonic() < end:
            for name, harm in faults_of(service).items():
                crowd.trial.phase = name
                harm(fault)
                begun = time.monotonic()
                wait_until(service.is_ready)
                recovery = time.monotonic() - begun
                recoveries[name] = max(recovery, recoveries[name])
                crowd.trial.phase = CALM
                time.sleep(calm)
        after = service.resources()
    return Figures(crowd, recoveries, before, after, crowd.losses(), errors_of(service))


if __name__ == "__main__":
    main()
