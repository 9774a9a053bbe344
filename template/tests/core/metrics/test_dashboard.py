"""Dashboard, alerts and documentation use existing metrics."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest
import yaml
from fastapi.testclient import TestClient

from tests.support.metrics import scrape

Metrics: TypeAlias = Mapping[str, set[str]]

FOLDER = Path("observability")
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text())
ALERTS = yaml.safe_load((FOLDER / "alerts.yml").read_text())
PROMETHEUS = yaml.safe_load((FOLDER / "prometheus.yml").read_text())

SHOWN = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
WATCHED = [rule["expr"] for group in ALERTS["groups"] for rule in group["rules"]]

# Labels that Prometheus adds, and metrics that not every system has.
TARGET = {"instance", "job"}
ELSEWHERE: Metrics = {
    "process_cpu_seconds_total": set(),
    "process_resident_memory_bytes": set(),
    "up": set(),
}

NAME = r"[a-z_]\w*"
SELECTOR = re.compile(r"\b([a-z_]\w*)\b(?!\s*\()(?:\{([^}]*)\})?")
GROUPING = r"\b(?:by|ignoring) \(([^)]*)\)"
RANGE = r"\[[^]]*\]"
OPERATORS = {"and", "or"}


@pytest.fixture
def exposed(client: TestClient) -> Metrics:
    """The labels of every metric, once everything has happened."""
    body = {"sku": "lamp-1", "name": "Lamp"}
    client.get(client.post("/api/v1/widgets", json=body).headers["location"])
    client.app_state["metrics"].close_websocket("/socket", 1000, 0.1)
    client.app_state["http_client"].calls.count("example.com", "2xx", 0.1)
    metrics = client.app_state["metrics"]
    metrics.streams_open.inc()
    metrics.count_stream("/streams", "complete", 1)
    return {sample.name: set(sample.labels) for sample in scrape(client)}


def selectors(expression: str) -> Iterator[tuple[str, set[str]]]:
    """Return the metrics in an expression, each with the labels it is chosen by."""
    rest = re.sub(f"{GROUPING}|{RANGE}", "", expression)
    for name, chosen in SELECTOR.findall(rest):
        if name not in OPERATORS:
            yield name, set(re.findall(rf'({NAME})[=!~]+"', chosen))


def test_expressions_use_existing_metrics_and_labels(
    exposed: Metrics, subtests: pytest.Subtests
) -> None:
    known = {**ELSEWHERE, **exposed}
    for expression in SHOWN + WATCHED:
        with subtests.test(expression):
            check_expression(expression, known)


def check_expression(expression: str, known: Metrics) -> None:
    there: set[str] = set()
    for name, labels in selectors(expression):
        assert name in known
        assert labels <= known[name] | TARGET
        assert "job" in labels, "It would mix services."
        there |= known[name] | TARGET
    for grouping in re.findall(GROUPING, expression):
        assert set(grouping.split(", ")) <= there


def test_dashboard_shows_every_metric(exposed: Metrics) -> None:
    shown = {name for expression in SHOWN for name, _ in selectors(expression)}
    ours = {name for name in exposed if not name.startswith("process_")}
    assert {family(name) for name in ours - shown} <= {family(name) for name in shown}


def family(name: str) -> str:
    """Return what the samples of a histogram have in common."""
    return re.sub("_(bucket|count|sum)$", "", name)


def test_the_documentation_lists_every_metric(exposed: Metrics) -> None:
    row = re.compile(rf"^\| `({NAME})` \| (.*?) \|", re.MULTILINE)
    section = Path("docs/operations.md").read_text().partition("## Metrics")[2]
    listed = {
        name: set(re.findall(rf"`({NAME})`", labels))
        for name, labels in row.findall(section)
    }
    assert listed == {
        family(name): labels - {"le"}
        for name, labels in exposed.items()
        if not name.startswith("process_")
    }


def test_all_files_use_the_same_name_for_the_service() -> None:
    (job,) = PROMETHEUS["scrape_configs"]
    (group,) = ALERTS["groups"]
    assert job["job_name"] == group["name"]
    variables = {one["name"]: one for one in DASHBOARD["templating"]["list"]}
    assert variables["job"]["current"]["value"] == group["name"]
    assert all(f'job="{group["name"]}"' in expression for expression in WATCHED)
    assert all((FOLDER / name).exists() for name in PROMETHEUS["rule_files"])


def test_runbook_has_a_section_for_every_alert() -> None:
    runbook = Path("docs/runbook.md").read_text()
    sections = re.findall(r"^## (\w+)$", runbook, re.MULTILINE)
    rules = [rule for group in ALERTS["groups"] for rule in group["rules"]]
    assert sections == [rule["alert"] for rule in rules]
    for rule in rules:
        anchor = f"docs/runbook.md#{rule['alert'].lower()}"
        assert rule["annotations"]["runbook"] == anchor
