"""The manifests are valid for several versions of Kubernetes, and fit the service."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Render, read_yaml, run
from tests.matrix import some_variants, variant_id
from tests.test_docs import settings_of

VERSIONS = ("1.31", "1.34", "1.37")
FEW = some_variants()
PODS = ("Deployment", "Job", "WorkerDeployment")
Manifest = dict[str, Any]


@pytest.fixture(params=FEW, ids=variant_id)
def project(request: pytest.FixtureRequest, render: Render) -> Path:
    """A project with manifests."""
    return render(request.param | {"kubernetes": True})


@pytest.fixture
def kustomization(project: Path) -> Manifest:
    """What they are made of."""
    return read_yaml(project / "kubernetes" / "base" / "kustomization.yml")


@pytest.fixture
def manifests(project: Path) -> dict[str, Manifest]:
    """All of them by kind, as the base has them; those of the worker as "Worker…"."""
    found = {}
    for path in (project / "kubernetes" / "base").glob("*.yml"):
        manifest = read_yaml(path)
        prefix = "Worker" if path.stem.startswith("worker") else ""
        found[prefix + manifest["kind"]] = manifest
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_manifests_are_valid(
    project: Path, kustomization: Manifest, version: str
) -> None:
    base = project / "kubernetes" / "base"
    listed = kustomization["resources"]
    assert {*listed, "kustomization.yml"} == {path.name for path in base.iterdir()}
    known = [name for name in listed if name != "service-monitor.yml"]
    run("kubernetes-validate", "--strict", "-k", version, *known, cwd=base)


def pods(manifests: dict[str, Manifest]) -> list[Manifest]:
    """Return what describes a pod."""
    kinds = [kind for kind in PODS if kind in manifests]
    return [manifests[kind]["spec"]["template"] for kind in kinds]


def test_pods_have_the_restricted_profile(manifests: dict[str, Manifest]) -> None:
    """https://kubernetes.io/docs/concepts/security/pod-security-standards."""
    for pod in pods(manifests):
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"]
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not spec["automountServiceAccountToken"]
        for container in (*spec["containers"], *spec.get("initContainers", [])):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"].keys() == {"requests", "limits"}


def test_selectors_find_the_pods_of_the_service_or_the_worker_alone(
    manifests: dict[str, Manifest], kustomization: Manifest
) -> None:
    [common] = [one["pairs"] for one in kustomization["labels"]]
    service, job, *workers = (
        common | pod["metadata"]["labels"] for pod in pods(manifests)
    )
    check_selectors(manifests, "", service, [job, *workers])
    for worker in workers:
        check_selectors(manifests, "Worker", worker, [service, job])
    every = manifests["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"]
    for labels in (service, job, *workers):
        assert every.items() <= labels.items()
    monitored = manifests["ServiceMonitor"]["spec"]["selector"]["matchLabels"]
    assert monitored.items() <= common.items()
    target = manifests["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert target["name"] == manifests["Deployment"]["metadata"]["name"]


def check_selectors(
    manifests: dict[str, Manifest],
    prefix: str,
    labels: dict[str, str],
    others: list[dict[str, str]],
) -> None:
    """Check that selectors find the pods with these labels, and no others."""
    for selector in (
        manifests[f"{prefix}Deployment"]["spec"]["selector"]["matchLabels"],
        manifests[f"{prefix}Service"]["spec"]["selector"],
        manifests[f"{prefix}PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items()
        assert not any(selector.items() <= other.items() for other in others)


def test_settings_exist_and_secrets_are_elsewhere(
    project: Path, manifests: dict[str, Manifest], kustomization: Manifest
) -> None:
    settings = settings_of(project)
    named = literals_of(kustomization)
    for overlay in ("staging", "production"):
        path = project / "kubernetes" / "overlays" / overlay / "kustomization.yml"
        named |= literals_of(read_yaml(path))
    assert named <= settings
    assert not any(re.search("KEY|PASSWORD|DSN", name) for name in named)
    [endpoint] = manifests["ServiceMonitor"]["spec"]["endpoints"]
    assert endpoint["authorization"]["credentials"]["key"] in settings
    for pod in pods(manifests):
        [container] = pod["spec"]["containers"]
        assert "/run/secrets" in [one["mountPath"] for one in container["volumeMounts"]]


def literals_of(kustomization: Manifest) -> set[str]:
    """Return the names of the settings in a ConfigMap."""
    generators = kustomization.get("configMapGenerator", [])
    return {one.partition("=")[0] for each in generators for one in each["literals"]}


def test_pods_have_time_to_stop_and_wait_for_migrations(
    project: Path, manifests: dict[str, Manifest]
) -> None:
    compose = read_yaml(project / "compose.yml")["services"]
    for pod, name in zip(pods(manifests)[::2], ("service", "worker"), strict=False):
        spec = pod["spec"]
        grace = int(compose[name]["stop_grace_period"].removesuffix("s"))
        assert spec["terminationGracePeriodSeconds"] == grace
        [container] = spec["containers"]
        assert container.get("command") == compose[name].get("command")
        [waiting] = spec["initContainers"]
        assert "alembic current --check-heads" in waiting["command"][-1]
    [migrating] = manifests["Job"]["spec"]["template"]["spec"]["containers"]
    assert migrating["command"] == compose["migrate"]["command"]


def test_overlays_change_existing_resources(
    project: Path, manifests: dict[str, Manifest]
) -> None:
    images = {
        container["image"]
        for pod in pods(manifests)
        for container in (
            *pod["spec"]["containers"],
            *pod["spec"].get("initContainers", []),
        )
    }
    for overlay in (project / "kubernetes" / "overlays").iterdir():
        kustomization = read_yaml(overlay / "kustomization.yml")
        assert {one["name"] for one in kustomization["images"]} == images
        for patch in kustomization["patches"]:
            [change] = yaml.safe_load(patch["patch"])
            there: Any = manifests[patch["target"]["kind"]]
            for name in change["path"][1:].split("/"):
                there = there[name]
            assert there != change["value"]
