"""A service that runs, for tests that leave it as it was, and projects to start one."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import copier
import httpx2
import pytest

from tests.conftest import run
from tests.matrix import Answers
from tests.resilience.service import Service, services


@pytest.fixture(scope="module")
def project(template: Path, server_variant: Answers) -> Iterator[Path]:
    """A project with its packages, for all tests of a module."""
    # Not below pytest's own: see ``workspace``.
    with tempfile.TemporaryDirectory(prefix="copier-fastapi-") as folder:
        project = Path(folder).resolve() / "project"
        copier.run_copy(
            str(template), project, data=server_variant, defaults=True, quiet=True
        )
        run("uv", "sync", "--quiet", cwd=project)
        yield project


@pytest.fixture(scope="module")
def service(project: Path) -> Iterator[Service]:
    """The service of a project with its servers; each test leaves them running."""
    with services(project, project.parent / "servers") as service:
        yield service


@pytest.fixture
def client(service: Service) -> Iterator[httpx2.Client]:
    """Somebody who may do everything with items."""
    with service.client() as client:
        yield client
