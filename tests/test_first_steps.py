"""What a newcomer does, typed as the READMEs say, in folders of their own."""

import json
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from filelock import FileLock

from tests.conftest import Render, attempt, run
from tests.guides import curl, matches, sent_by
from tests.matrix import ROOT, Answers
from tests.production import PRODUCTION, free_port, postgresql_of
from tests.test_projects import Project, entered
from tests.updates import git, make_repository

TEST_ELSEWHERE = """
import os, subprocess, sys
from pathlib import Path
from scripts.servers import postgresql
with postgresql(Path(sys.argv[1])) as url:
    os.environ["DATABASE_URL"] = url
    subprocess.run(["pytest", "-q", "tests/items/test_items_api.py"], check=True)
    psql = next(Path(sys.prefix).glob("lib/*/site-packages/*/pginstall18/bin/psql"))
    names = "SELECT datname FROM pg_database ORDER BY 1"
    subprocess.run([psql, "-Atc", names, url], check=True)
"""
ENDLESS = """

@app.get("/endless")
async def endless() -> StreamingResponse:
    async def ticks() -> AsyncIterator[bytes]:
        while True:
            yield b"tick"
            await sleep(0.1)

    return StreamingResponse(ticks())

@app.get("/events", response_class=EventSourceResponse)
async def events() -> AsyncIterator[str]:
    yield "begun"
    await sleep(600)

@app.websocket("/socket")
async def silence(socket: WebSocket) -> None:
    await socket.accept()
    await sleep(600)
"""
ENDLESS_IMPORTS = """
from asyncio import sleep
from collections.abc import AsyncIterator
from fastapi import WebSocket
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse
"""
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
RELOAD = 25  # seconds; a reload that waits for a stream takes 40
ITEM = {"sku": "lamp-1", "name": "Lamp"}
ADA = {"username": "ada@example.com", "password": "correct horse battery staple"}


@contextmanager
def serving(
    project: Path,
    command: str = "uv run poe dev --port {port}",
    shown: str = "",
    **environment: str,
) -> Iterator[httpx2.Client]:
    """Run a server in a terminal, as people do, and stop it as Ctrl+C does.

    It must have said what a page shows.
    """
    port = free_port()
    # Without a terminal uv sends each SIGINT again: it takes it for meant for itself.
    keyboard, terminal = pty.openpty()
    process = subprocess.Popen(
        command.format(port=port).split(),
        cwd=project,
        env=os.environ | environment | {"SERVER_PORT": str(port)},
        start_new_session=True,
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
            wait_until_ready(client, process)
            yield client
    finally:
        os.killpg(process.pid, signal.SIGINT)
        output, _ = process.communicate(timeout=30)
        os.close(keyboard)
        os.close(terminal)
    assert process.returncode in {0, 128 + signal.SIGINT}, output
    # Uvicorn shows where it cancels a stream that a reload ends.
    assert "Traceback" not in output or "graceful shutdown exceeded" in output
    assert matches(f"…{shown.strip().replace(':8000', f':{port}')}…", output)


def wait_until_ready(client: httpx2.Client, process: subprocess.Popen[str]) -> None:
    for _ in range(600):
        try:
            if client.get("/health/ready").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        assert process.poll() is None, process.stdout and process.stdout.read()
        time.sleep(0.1)
    raise AssertionError("The service was not ready within a minute")


@pytest.fixture
def project(render: Render, shared: Path, last_variant: Answers) -> Path:
    """A project with an environment of its own, as ``uv run`` makes it."""
    project = render(last_variant)
    with FileLock(shared / "install.lock"):
        run("uv", "run", "poe", "migrate", cwd=project)
    return project


@pytest.fixture
def ready_project(
    render: Render,
    shared: Path,
    last_variant: Answers,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A project that shares an environment with projects of the same packages."""
    return entered(render(last_variant), shared, monkeypatch)


def log_in(client: httpx2.Client, project: Path, **environment: str) -> None:
    """Use the client as an administrator, if the service asks who one is."""
    if not (project / "scripts" / "create_admin.py").exists():
        return
    command = ("uv", "run", "--no-sync", "python", "-m", "scripts.create_admin")
    subprocess.run(
        (*command, ADA["username"]),
        cwd=project,
        env=os.environ | environment,
        input=ADA["password"],
        text=True,
        check=True,
    )
    tokens = client.post("/api/v1/auth/token", data=ADA).json()
    client.headers["Authorization"] = f"Bearer {tokens['access_token']}"


def test_development(project: Path) -> None:
    with serving(project) as client:
        log_in(client, project)
        *_, created = [type_in(client, line) for line in curls(project)]
        url = created.headers["location"]
        assert client.get(url).json() == created.json()
        log_statements(project)
        offer = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c"}
        item = {"sku": "h2c", "name": "As app.serve would"}
        assert client.post("/api/v1/items", json=item, headers=offer).is_success
        statements = (project / ".local" / "postgresql" / "log").read_text()
        assert re.search(r"duration: [\d.]+ ms .*INSERT INTO items", statements)
        assert "'As app.serve would'" in statements
        docs = client.get("/docs")
        assert docs.status_code == client.get("/openapi.json").status_code == 200
        assert "server" not in docs.headers
        reload_during_streams(client, project)
        busy = attempt(
            *("uv", "run", "poe", "dev", "--port", str(client.base_url.port)),
            cwd=project,
        )
        assert busy.returncode != 0
        assert "Choose another one" in busy.stderr
    assert not running_below(project)
    with serving(project) as client:
        log_in(client, project)
        assert client.get(url).json() == created.json()
    assert not running_below(project)


def log_statements(project: Path) -> None:
    """Type what the documentation says, and let sessions notice it."""
    documented = (project / "docs" / "operations.md").read_text()
    command = next(
        line
        for line in re.findall("`(uv run poe psql [^`]+)`", documented)
        if "log_min_duration" in line
    )
    run(*shlex.split(command), cwd=project)
    time.sleep(1)


def reload_during_streams(client: httpx2.Client, project: Path) -> None:
    """Add endpoints to a running server, and remove them while clients use them."""
    main = project / "app" / "main.py"
    before = main.read_text()
    main.write_text(before + ENDLESS_IMPORTS + ENDLESS)
    wait_for_status(client, 200)
    with (
        client.stream("GET", "/endless") as response,
        client.stream("GET", "/events") as events,
        client.stream("GET", "/socket", headers=UPGRADE) as websocket,
    ):
        ticks = response.iter_raw()  # without a name, it would end the stream
        assert next(ticks) == b"tick"
        assert next(events.iter_raw()).startswith(b"data:")
        assert websocket.status_code == 101
        main.write_text(before)
        wait_for_status(client, 404)


def wait_for_status(client: httpx2.Client, status: int) -> None:
    end = time.monotonic() + RELOAD
    while status_of_stream(client) != status:
        assert time.monotonic() < end
        time.sleep(0.1)


def status_of_stream(client: httpx2.Client) -> int | None:
    """Return the status of the endless response, or None while nothing listens."""
    try:
        with client.stream("GET", "/endless") as response:
            return response.status_code
    except httpx2.TransportError:
        return None


def curls(project: Path) -> list[tuple[str, str]]:
    """Return the first commands of the README with curl, each with what it prints."""
    block = (project / "README.md").read_text().split("```")[1]
    return re.findall(r"^\$ (curl .*)\n(.*)", block, re.MULTILINE)


def type_in(client: httpx2.Client, line: tuple[str, str]) -> httpx2.Response:
    """Do what curl would, with what the README leaves out, and compare."""
    command, printed = line
    known = re.sub(r"-H '[^']*…'", "", command)
    known = known.replace("…", shlex.quote(ADA["password"]))
    response = sent_by(client, known)
    if " -i " in command:
        assert printed == f"HTTP/1.1 {response.status_code} {response.reason_phrase}"
    else:
        assert json.loads(printed).keys() == response.json().keys()
    return response


def running_below(folder: Path) -> list[str]:
    """Return the processes that still name a folder."""
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, check=True)
    lines = listed.stdout.decode().splitlines()
    return [line for line in lines if str(folder) in line and "defunct" not in line]


# What a shell, a URL, poe or PostgreSQL might misread, and too long for a socket.
ODD_FOLDERS = ["""it's a (test) $x; `y` "z" & 100% #1""", "long" * 40]
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


@pytest.mark.parametrize("folder", ODD_FOLDERS)
def test_a_folder_of_any_name(
    render: Render, shared: Path, last_variant: Answers, folder: str
) -> None:
    project = render(last_variant, into=folder)
    with FileLock(shared / "install.lock"):
        run("uv", "run", "poe", "migrate", cwd=project)
    assert (project / ".local" / "postgresql" / "PG_VERSION").exists()
    run("uv", "run", "poe", "alembic", "downgrade", "base", cwd=project)
    query = "SELECT count(*) FROM alembic_version"
    assert run("uv", "run", "poe", "-q", "psql", "-Atc", query, cwd=project) == "0\n"
    assert attempt("uv", "run", "poe", "psql", "-c", "NO", cwd=project).returncode == 1
    run("uv", "run", "poe", "test", "-n0", "tests/items", cwd=project)
    run("uv", "run", "poe", "revision", "nothing", cwd=project)
    assert not running_below(project)


def test_a_user_without_a_home(ready_project: Path) -> None:
    """Without rights, a place to write to but the project, or a folder in ``/run``."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("Only root becomes another user, with setpriv")
    python = run("uv", "run", "which", "python", cwd=ready_project).strip()
    limited = (*NOBODY, "env", "-i", "HOME=/nonexistent", "PATH=/bin:/usr/bin", python)
    if attempt(*limited, "-c", "", cwd=ready_project).returncode:
        pytest.skip("Other users may not run this Python")
    ready_project.parent.chmod(0o711)
    run("chown", "-R", "65534", ready_project, cwd=ready_project)
    run(*limited, "-m", "scripts.migrate", cwd=ready_project)
    run(*limited, "-m", "pytest", "-q", "tests/items", cwd=ready_project)
    assert not running_below(ready_project)


def test_every_task_runs_in_the_folder_of_the_project(ready_project: Path) -> None:
    settings = tomllib.loads((ready_project / "pyproject.toml").read_text())
    for name, task in settings["tool"]["poe"]["tasks"].items():
        assert task["cwd"] == ".", name


def test_wrong_database_urls_are_reported_in_one_line(ready_project: Path) -> None:
    for url, message in (
        ("mysql://127.0.0.1/shop", "DATABASE_URL: is not a PostgreSQL URL"),
        ("postgresql://127.0.0.1:1/shop", "Cannot migrate postgresql://127.0.0.1:1"),
    ):
        port = str(free_port())
        result = attempt(
            *("uv", "run", "--quiet", "poe", "dev", "--port", port),
            cwd=ready_project,
            DATABASE_URL=url,
        )
        assert result.returncode != 0
        assert message in result.stderr
        assert "Traceback" not in result.stderr


def test_hooks_pass_in_a_new_repository(ready_project: Path, shared: Path) -> None:
    Project(ready_project, shared).know_types()
    run("git", "init", "--quiet", cwd=ready_project)
    run("git", "add", "--all", cwd=ready_project)
    assert ".env\n" not in run("git", "ls-files", cwd=ready_project)
    run("uv", "run", "pre-commit", "run", "--all-files", cwd=ready_project)
    assert run("git", "diff", "--name-only", cwd=ready_project) == ""


def test_hooks_in_a_folder_of_a_repository(
    ready_project: Path, shared: Path, workspace: Path
) -> None:
    """Each file is checked by the project it is in, and other files by none."""
    Project(ready_project, shared).know_types()
    company = workspace / "company"
    shop = company / "services" / "our shop"
    shop.parent.mkdir(parents=True)
    ready_project.rename(shop)
    (company / "tool.py").write_text("x=1\n")
    git("init", "--quiet", cwd=company)
    git("add", "--all", cwd=company)
    run("uv", "run", "pre-commit", "install", cwd=shop)
    git("commit", "--quiet", "-m", "Start", cwd=company)
    with (shop / "app" / "main.py").open("a") as file:
        file.write("x=1\n")
    git("add", "--all", cwd=company)
    refused = attempt("uv", "run", "pre-commit", "run", cwd=shop)
    assert refused.returncode != 0
    assert re.search(r"ruff format\.+Failed", refused.stdout)
    assert (shop / "app" / "main.py").read_text().endswith("\nx = 1\n")
    assert (company / "tool.py").read_text() == "x=1\n"


def test_tests_use_the_server_that_is_named(
    ready_project: Path, workspace: Path
) -> None:
    """And leave nothing on it: they make a database of their own."""
    folder = workspace / "server"
    folder.mkdir()
    output = run("uv", "run", "python", "-c", TEST_ELSEWHERE, folder, cwd=ready_project)
    assert output.splitlines()[-3:] == ["postgres", "template0", "template1"]


def test_the_commands_for_production(ready_project: Path, workspace: Path) -> None:
    """In an environment of their own, where no tool for developers is installed."""
    readme = (ready_project / "README.md").read_text()
    block = next(b for b in readme.split("```console\n") if "--no-dev" in b)
    install, migrate, serve, *workers = re.findall(r"^\$ (.*)$", block, re.MULTILINE)
    with postgresql_of(ready_project, workspace / "server") as url:
        environment = {
            **PRODUCTION,
            "DATABASE_URL": url,
            "UV_PROJECT_ENVIRONMENT": str(workspace / "production"),
        }
        run(*install.split(), cwd=ready_project, **environment)
        assert not (workspace / "production" / "bin" / "pytest").exists()
        run(*migrate.split(), cwd=ready_project, **environment)
        with serving(ready_project, serve, **environment) as client:
            log_in(client, ready_project, **environment)
            created = client.post("/api/v1/items", json=ITEM)
            assert client.get(created.headers["location"]).json() == created.json()
            assert "server" not in created.headers
            assert "strict-transport-security" in created.headers
            assert client.get("/docs").status_code == 404
        for worker in workers:
            with serving(ready_project, worker, **environment) as client:
                assert client.get("/health/ready").status_code == 200
                assert client.get("/api/v1/items").status_code == 404


def test_the_commands_of_our_readme(workspace: Path, shared: Path) -> None:
    """From a checkout to a running service, exactly as printed."""
    checkout = workspace / "copier-fastapi"
    ignored = shutil.ignore_patterns(".venv", ".git", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, checkout, ignore=ignored)
    make_repository(checkout)
    readme = (ROOT / "README.md").read_text()
    block = re.search(r"```console\n(.*?)```", readme, re.DOTALL)
    assert block
    scaffold, serve = re.findall(r"^\$ (.*)$", block[1], re.MULTILINE)[:2]
    install, copy = scaffold.split(" && ")
    assert install == "pip install uv"
    run("bash", "-c", copy, cwd=checkout)
    enter, dev = serve.split(" && ")
    project = (checkout / enter.removeprefix("cd ")).resolve()
    assert dev == "uv run poe dev"
    with FileLock(shared / "install.lock"):
        run("uv", "run", "poe", "migrate", cwd=project)
    with serving(project, shown=block[1].partition(dev)[2]) as client:
        asked = re.search(r"```console\n\$ (curl.*)\n((?:.+\n)+)\n(.*)\n```", readme)
        assert asked
        check_the_example(curl(client, asked[1]), asked[2] + asked[3])
        log_in(client, project)
        assert client.get("/api/v1/items").json()["items"] == []
    make_repository(project)
    run("uvx", "copier", "update", "--defaults", cwd=project)
    assert run("git", "status", "--short", cwd=project) == ""


def check_the_example(said: str, shown: str) -> None:
    """Find each line of a response, with any request id."""
    # From Python 3.13 on, it is unprocessable content.
    shown = re.sub(r"[0-9a-f-]{36}|(?<=Unprocessable )Entity", "…", shown)
    for line in shown.splitlines():
        assert matches(f"…{line}…", said), f"{line}\n{said}"
