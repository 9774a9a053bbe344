"""Endpoints with ``etag=True``."""

from unittest.mock import patch

import anyio.to_thread
import pytest
from fastapi import FastAPI, HTTPException, Response
from fastapi.testclient import TestClient

from app.core.etags import PreconditionsDep
from app.core.etags.etags import etag
from app.core.http import APIRouter
from app.core.schemas import ResponseSchema

BODY = b'{"name":"Lamp"}'

router = APIRouter(prefix="/lamps")


class Lamp(ResponseSchema):
    """A lamp."""

    name: str = "Lamp"


@router.get("/headers", etag=True)
async def get_with_headers(response: Response) -> Lamp:
    """Set headers as FastAPI suggests."""
    response.headers["Cache-Control"] = "max-age=60"
    return Lamp()


@router.get("/thread", etag=True)
def get_in_a_thread() -> Lamp:
    """Run in a thread."""
    return Lamp()


@router.get("/version", etag=True)
async def get_version() -> Lamp | Response:
    """Return an ETag of one's own."""
    return Response(BODY, headers={"ETag": '"v1"'}, media_type="application/json")


@router.get("/missing", etag=True)
async def get_missing() -> Lamp:
    """Raise an error."""
    raise HTTPException(404)


@router.get("/elsewhere", etag=True)
async def get_elsewhere() -> Lamp | Response:
    """Redirect."""
    return Response(status_code=303, headers={"Location": "/lamps/headers"})


@router.put("", status_code=202, etag=True)
async def replace_lamp() -> Lamp:
    """Respond with another status."""
    return Lamp()


@router.delete("", status_code=204)
async def delete_lamp(preconditions: PreconditionsDep) -> None:
    """Delete what the client has read."""
    preconditions.require(Lamp())


@pytest.fixture
def app() -> FastAPI:
    """An application with these endpoints."""
    app = FastAPI()
    app.include_router(router)
    return app


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """A client of this application."""
    return TestClient(app, follow_redirects=False)


def test_headers_of_the_endpoint_are_kept_in_200_and_304(client: TestClient) -> None:
    first = client.get("/lamps/headers")
    assert first.content == BODY
    assert first.headers["etag"] == etag(BODY)
    given = {"If-None-Match": first.headers["etag"]}
    second = client.get("/lamps/headers", headers=given)
    assert (second.status_code, second.content) == (304, b"")
    assert second.headers.keys() == {"cache-control", "etag"}
    for response in (first, second):
        assert response.headers["cache-control"] == "max-age=60"


def test_a_def_endpoint_takes_one_thread(client: TestClient) -> None:
    run_sync = anyio.to_thread.run_sync
    with patch.object(anyio.to_thread, "run_sync", wraps=run_sync) as spy:
        response = client.get("/lamps/thread")
    assert response.headers["etag"] == etag(BODY)
    assert spy.call_count == 1


def test_an_etag_of_the_endpoint_is_kept_and_compared(client: TestClient) -> None:
    assert client.get("/lamps/version").headers["etag"] == '"v1"'
    known = client.get("/lamps/version", headers={"If-None-Match": '"v1"'})
    assert known.status_code == 304


@pytest.mark.parametrize(("path", "status"), [("missing", 404), ("elsewhere", 303)])
def test_other_responses_have_no_etag(
    client: TestClient, path: str, status: int
) -> None:
    response = client.get(f"/lamps/{path}", headers={"If-None-Match": "*"})
    assert response.status_code == status
    assert "etag" not in response.headers


def test_a_write_keeps_its_status(client: TestClient) -> None:
    response = client.put("/lamps", headers={"If-None-Match": "*"})
    assert (response.status_code, response.content) == (202, BODY)
    assert response.headers["etag"] == etag(BODY)


def test_documentation_follows_the_flag_and_the_dependency(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    get, put = paths["/lamps/version"]["get"], paths["/lamps"]["put"]
    delete = paths["/lamps"]["delete"]
    for operation in (get, delete):
        names = {parameter["name"] for parameter in operation["parameters"]}
        assert names == {"If-Match", "If-None-Match"}
        assert "412" in operation["responses"]
    schema = get["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Lamp"}
    assert get["responses"].keys() >= {"200", "304"}
    assert "ETag" in put["responses"]["202"]["headers"]
    assert "parameters" not in put
    assert "412" not in put["responses"]
    assert "headers" not in delete["responses"]["204"]
