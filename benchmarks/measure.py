"""What requests, starts and memory cost the service, beside bare applications."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from itertools import count as numbers
from itertools import repeat
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median, quantiles
from typing import NamedTuple, TypeAlias

import httpx2

from benchmarks.figures import Figures
from benchmarks.load import request, send
from benchmarks.projects import ITEMS, Project, fill
from benchmarks.servers import (
    LIVE,
    SERVICE,
    Server,
    environment,
    module,
    serving,
)
from tests.matrix import Answers

Numbers: TypeAlias = dict[str, float]
Look: TypeAlias = Callable[[], Numbers]

# Visits before the first one that counts: Python gets faster at what it does often.
WARM_UP = 5

_skus = numbers()


class Question(NamedTuple):
    """A kind of request: what is sent, and the status of the answer."""

    requests: Iterator[bytes]
    status: int = 200


def rivals(answers: Answers) -> list[str]:
    """Return the bare applications that do the same; the first has the same ORM."""
    kind = answers["database"]
    if answers["auth"] == "jwt":
        return [f"users_{kind}"]
    return [f"orm_{kind}", f"sql_{kind}"]


def questions(answers: Answers, path: str, sent: dict[str, str]) -> dict[str, Question]:
    """Return what is asked of a service with these answers, and of its rivals."""
    read = Question(repeat(request("GET", path, sent)))
    if answers["redis"]:
        return {"read one, cached": read}

    def creations() -> Iterator[bytes]:
        while True:
            item = {"sku": f"item-{next(_skus)}", "name": "Lamp"}
            yield request("POST", ITEMS, sent, item)

    constant = {
        "constant": Question(repeat(request("GET", LIVE, {}))),
        "404": Question(repeat(request("GET", "/nothing", {})), 404),
    }
    return ({} if sent else constant) | {
        "read one": read,
        "list 20": Question(repeat(request("GET", f"{ITEMS}?limit=20", sent))),
        "list 100": Question(repeat(request("GET", f"{ITEMS}?limit=100", sent))),
        "create": Question(creations(), 201),  # last: no list gets longer meanwhile
    }


def measure(project: Project, rounds: int, count: int, starts: int) -> Figures:
    """Let the service and its rivals take turns, and say what each of them costs."""
    names = [SERVICE, *rivals(project.answers)]
    with ExitStack() as stack:
        servers = {name: stack.enter_context(serving(project, name)) for name in names}
        path, sent = fill(project, servers[SERVICE].port)
        compare(list(servers.values()), [path, f"{ITEMS}?limit=20"], sent)
        found = {}
        for asked, question in questions(project.answers, path, sent).items():
            looks = {
                name: partial(visit, server, question, count)
                for name, server in servers.items()
            }
            found[asked] = in_turn(looks, rounds, in_vain=WARM_UP)
        memory = {name: {"memory": servers[name].memory()} for name in names[:2]}
    begun = in_turn({name: partial(start, project, name) for name in names[:2]}, starts)
    return {"requests": found, "starts": begun, "memory": memory}


def compare(servers: list[Server], paths: list[str], sent: dict[str, str]) -> None:
    """Fail unless all of them give the same answers."""
    for path in paths:
        urls = [f"http://127.0.0.1:{server.port}{path}" for server in servers]
        answers = [httpx2.get(url, headers=sent).json() for url in urls]
        assert all(answer == answers[0] for answer in answers), answers


def in_turn(
    looks: Mapping[str, Look], rounds: int, *, in_vain: int = 1
) -> dict[str, Numbers]:
    """Look at each in turn, the first times in vain; return the medians.

    And with ``ratio`` what the first is to another one, in the median of the rounds.
    """
    for look in looks.values():
        for _ in range(in_vain):
            look()
    found = [{name: look() for name, look in looks.items()} for _ in range(rounds)]
    first = next(iter(looks))
    result = {}
    for name in looks:
        kinds = found[0][name].keys()
        result[name] = {
            kind: median(one[name][kind] for one in found) for kind in kinds
        }
        if name != first:
            result[name]["ratio"] = median(
                one[first]["cpu"] / one[name]["cpu"] for one in found
            )
    return result


def visit(server: Server, question: Question, count: int) -> Numbers:
    """Return µs of CPU time for a request, requests in a second, and milliseconds."""
    before, start = server.cpu_time(), time.perf_counter()
    seconds = send(server.port, question.requests, count, question.status)
    cpu, wall = server.cpu_time() - before, time.perf_counter() - start
    percentiles = quantiles(seconds, n=100)
    return {
        "cpu": cpu / len(seconds) * 1e6,
        "rate": len(seconds) / wall,
        "p50": percentiles[49] * 1e3,
        "p99": percentiles[98] * 1e3,
    }


def start(project: Project, name: str) -> Numbers:
    """Return the seconds until an application has been imported, and has answered."""
    before = cpu_time_of_children()
    # Without an end, which would clear away all that was imported.
    code = f"import os, {module(name)}; os._exit(0)"
    project.run("-c", code, **environment(project))
    imported = cpu_time_of_children() - before
    begin = time.perf_counter()
    with serving(project, name) as server:
        answered = time.perf_counter() - begin
        return {"import": imported, "cpu": server.cpu_time(), "answer": answered}


def cpu_time_of_children() -> float:
    """Return the seconds that all processes have used that came and went."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
