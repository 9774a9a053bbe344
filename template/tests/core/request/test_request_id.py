"""The names by which a request is found again."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from app.core.request import request_context
from app.settings import Settings
from tests.support.sample_app import create_app

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT_ID = "00f067aa0ba902b7"


@pytest.fixture(scope="module")
def echo(settings: Settings) -> Iterator[TestClient]:
    """A client of an application that returns the context of a request."""
    app = create_app(settings)

    @app.get("/context")
    async def context(request: Request) -> list[str]:
        known = request_context.get()
        assert known is request.state.context
        assert known
        return [known.request_id, known.trace_id]

    with TestClient(app) as client:
        yield client


def test_the_request_id_of_a_caller_is_kept(echo: TestClient) -> None:
    response = echo.get("/context", headers={"X-Request-ID": "abc-1"})
    assert response.headers["x-request-id"] == response.json()[0] == "abc-1"


@pytest.mark.parametrize("given", ["", "a" * 65, "a b", "é".encode(), "a\tb", "<b>"])
def test_it_is_replaced_unless_short_and_plain(echo: TestClient, given: str) -> None:
    response = echo.get("/context", headers={"X-Request-ID": given})
    assert response.headers["x-request-id"] == response.json()[0]
    assert UUID(response.json()[0]).version == 7


@pytest.mark.parametrize("version", ["00", "cc"])
def test_the_trace_of_a_caller_goes_on(echo: TestClient, version: str) -> None:
    headers = {"traceparent": f"{version}-{TRACE_ID}-{PARENT_ID}-01"}
    assert echo.get("/context", headers=headers).json()[1] == TRACE_ID


@pytest.mark.parametrize(
    "given",
    [
        "",
        TRACE_ID,
        f"ff-{TRACE_ID}-{PARENT_ID}-01",
        f"00-{'0' * 32}-{PARENT_ID}-01",
        f"00-{TRACE_ID}-{'0' * 16}-01",
        f"00-{TRACE_ID.upper()}-{PARENT_ID}-01",
        f"00-{TRACE_ID}-{PARENT_ID}-01" + "x" * 5000,
    ],
)
def test_a_broken_trace_is_replaced(echo: TestClient, given: str) -> None:
    headers = {"traceparent": given}
    first, second = (echo.get("/context", headers=headers).json()[1] for _ in "ab")
    assert len(first) == 32
    assert len({first, second, TRACE_ID, "0" * 32}) == 4
