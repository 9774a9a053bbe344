"""A web page that logs in with a cookie, in Chromium, and pages that attack it."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.conftest import Render
from tests.matrix import Answers
from tests.test_first_steps import ADA, log_in, serving
from tests.test_projects import entered

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--remote-debugging-pipe",
    "--host-resolver-rules=MAP evil.test 127.0.0.1",
    *(("--no-sandbox",) if os.geteuid() == 0 else ()),
)
LOG_IN = f"""
const body = new URLSearchParams({json.dumps(ADA)});
return (await fetch("/api/v1/auth/login", {{method: "POST", body}})).status;
"""
READ = """
const response = await fetch("/api/v1/users/me");
return [response.status, (await response.json()).email ?? null];
"""
WRITE = """
const body = JSON.stringify({sku: "lamp-1", name: "Lamp"});
const headers = {"Content-Type": "application/json"};
return (await fetch("/api/v1/items", {method: "POST", headers, body})).status;
"""
LOG_OUT = """return (await fetch("/api/v1/auth/logout", {method: "POST"})).status;"""
# As a form does, and with requests that need the consent of the service.
ATTACK = """
const credentials = "include", method = "POST", url = "%s/api/v1/auth/logout";
const ask = (...given) => fetch(...given).then(() => "shown", () => "hidden");
const seen = [
  await ask(url, {method, credentials, mode: "no-cors"}),
  await ask(url, {method, credentials}),
  await ask("%s/api/v1/users/me", {credentials}),
];
return seen;
"""


class Browser:
    """A page of Chromium, controlled with the DevTools Protocol over two pipes."""

    def __init__(self, commands: int, messages: int) -> None:
        self._commands = open(commands, "wb", buffering=0)  # noqa: SIM115
        self._messages = open(messages, "rb")  # noqa: SIM115
        self._session: dict[str, str] = {}
        self._last = 0
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}
        self._call("Page.enable")

    def open(self, url: str) -> None:
        """Load a page."""
        assert "errorText" not in self._call("Page.navigate", url=url)
        while self._receive().get("method") != "Page.loadEventFired":
            pass

    def run(self, script: str) -> Any:  # noqa: ANN401
        """Run the body of an async function in the page, and return its result."""
        response = self._call(
            "Runtime.evaluate",
            expression=f"(async () => {{{script}}})()",
            awaitPromise=True,
            returnByValue=True,
        )
        assert "exceptionDetails" not in response, response
        return response["result"].get("value")

    def close(self) -> None:
        """Close the pipes, which ends the process."""
        self._commands.close()
        self._messages.close()

    def _call(self, method: str, **parameters: object) -> dict[str, Any]:
        self._last += 1
        command = {"id": self._last, "method": method, "params": parameters}
        self._commands.write(json.dumps(command | self._session).encode() + b"\0")
        while (message := self._receive()).get("id") != self._last:
            pass
        assert "error" not in message, message
        result: dict[str, Any] = message["result"]
        return result

    def _receive(self) -> dict[str, Any]:
        text = b""
        while not text.endswith(b"\0"):
            part = self._messages.read(1)
            assert part, "Chromium has ended"
            text += part
        message: dict[str, Any] = json.loads(text[:-1])
        return message


@contextmanager
def chromium(folder: Path) -> Iterator[Browser]:
    """Start Chromium, which reads from file 3 and writes to file 4."""
    (read, commands), (messages, write) = os.pipe(), os.pipe()
    script = f'exec "$@" 3<&{read} 4>&{write}'
    process = subprocess.Popen(
        (
            "bash",
            "-c",
            script,
            "",
            str(CHROMIUM),
            *OPTIONS,
            f"--user-data-dir={folder}",
        ),
        pass_fds=(read, write),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(read)
    os.close(write)
    browser = Browser(commands, messages)
    try:
        yield browser
    finally:
        browser.close()
        process.wait(30)


class EmptyPage(BaseHTTPRequestHandler):
    """An empty page at every path."""

    def do_GET(self) -> None:
        """Send the page."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Attack</title>")

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@contextmanager
def another_server() -> Iterator[int]:
    """Serve empty pages, and return the port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")
def test_a_page_logs_in_with_a_cookie(
    render: Render,
    shared: Path,
    workspace: Path,
    first_variant: Answers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On http://127.0.0.1 as well, to which Chromium sends cookies that are Secure."""
    if first_variant["auth"] != "jwt":
        pytest.skip("Nobody logs in")
    project = entered(render(first_variant), shared, monkeypatch)
    with (
        serving(project, AUTH_COOKIES="lax") as client,
        another_server() as port,
        chromium(workspace / "profile") as browser,
    ):
        log_in(client, project)
        url = str(client.base_url).rstrip("/")
        browser.open(f"{url}/docs")
        assert browser.run(READ) == [401, None]
        assert browser.run(LOG_IN) == 204
        assert browser.run("return document.cookie") == ""
        browser.open(f"{url}/docs")
        assert browser.run(READ) == [200, ADA["username"]]
        assert browser.run(WRITE) == 201
        for host in ("127.0.0.1", "evil.test"):  # one of the same site, and another one
            browser.open(f"http://{host}:{port}/")
            assert browser.run(ATTACK % (url, url)) == ["hidden"] * 3
        browser.open(f"{url}/docs")
        assert browser.run(READ) == [200, ADA["username"]]
        assert browser.run(LOG_OUT) == 204
        assert browser.run(READ) == [401, None]
