"""Requests above the concurrency limit."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event

from anyio import to_thread
from fastapi import BackgroundTasks
from fastapi.testclient import TestClient

from app.settings import Settings
from tests.support.metrics import scrape, total
from tests.support.sample_app import create_app
from tests.support.settings import changed
from tests.support.streams import Gate, open_stream, streaming


@contextmanager
def occupied(settings: Settings, places: int) -> Iterator[TestClient]:
    """A client of an application all of whose places are taken."""
    app = create_app(changed(settings, "limits", max_concurrency=places))
    all_here = Barrier(places + 1)
    leave = Event()

    @app.get("/wait")
    async def wait() -> None:
        await to_thread.run_sync(all_here.wait, 10)
        await to_thread.run_sync(leave.wait, 10)

    with TestClient(app) as client, ThreadPoolExecutor(places) as threads:
        waiting = [threads.submit(client.get, "/wait") for _ in range(places)]
        all_here.wait(10)
        yield client
        leave.set()
        assert [task.result().status_code for task in waiting] == [200] * places
        assert client.get("/nowhere").status_code == 404


def test_requests_above_the_concurrency_limit_are_503(settings: Settings) -> None:
    with occupied(settings, 3) as client:
        for path in ("/api/v1/widgets", "/nowhere"):
            response = client.get(path)
            assert response.status_code == 503
            assert response.headers["retry-after"] == "1"
            assert response.json()["detail"] == "The service is busy."
            assert response.json()["request_id"] == response.headers["x-request-id"]
        assert total(scrape(client), "http_requests_shed_total") == 2


def test_background_tasks_hold_no_place(settings: Settings) -> None:
    app = create_app(changed(settings, "limits", max_concurrency=1))
    entered, leave = Event(), Event()

    def work() -> None:
        entered.set()
        leave.wait(10)

    @app.get("/afterwards")
    async def work_afterwards(tasks: BackgroundTasks) -> None:
        tasks.add_task(work)

    with TestClient(app) as client, ThreadPoolExecutor(1) as threads:
        asked = threads.submit(client.get, "/afterwards")
        entered.wait(10)
        assert client.get("/nowhere").status_code == 404
        samples = scrape(client)
        leave.set()
        assert asked.result().status_code == 200
    assert total(samples, "http_requests_in_progress") == 1
    assert total(samples, "http_requests_total", route="/afterwards") == 1


def test_probes_are_served_at_the_concurrency_limit(settings: Settings) -> None:
    with occupied(settings, 1) as client:
        for path in ("/health/live", "/health/ready"):
            assert client.get(path).status_code == 200


def test_stream_holds_no_place_of_requests(settings: Settings) -> None:
    with open_stream(changed(settings, "limits", max_concurrency=1)) as (client, _):
        assert client.get("/nowhere").status_code == 404


def test_streams_above_their_limit_are_503(settings: Settings) -> None:
    limited = changed(settings, "limits", max_streams=1)
    with open_stream(limited) as (client, stream):
        response = client.get("/streams/rows")
        assert response.status_code == 503
        assert response.json()["detail"] == "The service is busy."
        assert client.get("/nowhere").status_code == 404
    assert stream.result().text.count("data:") == 2


def test_places_of_streams_are_given_back(settings: Settings) -> None:
    limited = changed(settings, "limits", max_streams=1)
    with streaming(limited, Gate()) as client:
        for path in ("rows", "broken", "rows", "file", "rows"):
            assert client.get(f"/streams/{path}").status_code == 200
