"""The contract from which clients are generated."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from app.api.router import ROUTERS
from app.core.errors import MEDIA_TYPE
from app.core.http import APIRouter
from app.factory import create_app
from app.settings import Settings

PROBLEM = {"schema": {"$ref": "#/components/schemas/Problem"}}


@pytest.fixture(scope="module")
def app(settings: Settings) -> FastAPI:
    """The service, without what only tests have."""
    return create_app(settings)


@pytest.fixture(scope="module")
def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document."""
    return app.openapi()


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (
        operation for path in document["paths"].values() for operation in path.values()
    )


def test_operation_ids_are_the_names_of_the_functions(
    app: FastAPI, document: dict[str, Any]
) -> None:
    ids = [operation["operationId"] for operation in operations(document)]
    routes = (context.original_route for context in iter_route_contexts(app.routes))
    functions = [
        route.endpoint.__name__
        for route in routes
        if isinstance(route, APIRoute) and route.include_in_schema
    ]
    assert len(ids) == len(set(ids))
    assert sorted(ids) == sorted(functions)


def test_every_operation_documents_its_problems(document: dict[str, Any]) -> None:
    for operation in operations(document):
        errors = {
            status: response
            for status, response in operation["responses"].items()
            if int(status) >= 400
        }
        assert "500" in errors
        for response in errors.values():
            assert response["content"] == {MEDIA_TYPE: PROBLEM}


def test_there_is_one_error_schema(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert {"Problem", "FieldProblem"} <= schemas.keys()
    assert not {"HTTPValidationError", "ValidationError"} & schemas.keys()


def test_patch_bodies_require_no_field(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for operations_ in document["paths"].values():
        if "patch" in operations_:
            body = operations_["patch"]["requestBody"]["content"]["application/json"]
            schema = schemas[body["schema"]["$ref"].rpartition("/")[2]]
            assert "required" not in schema
            assert not any("default" in one for one in schema["properties"].values())


def test_every_operation_has_a_description(document: dict[str, Any]) -> None:
    assert all(operation["description"] for operation in operations(document))


def test_every_router_validates_requests_against_openapi() -> None:
    for included in chain(*ROUTERS.values()):
        assert isinstance(included, APIRouter)
