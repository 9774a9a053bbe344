"""The OpenAPI document: operation ids, problems and scopes."""

from collections.abc import Collection, Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.core.errors import MEDIA_TYPE, Problem
from app.core.openapi.identity import document_identity


def operation_id(route: APIRoute) -> str:
    """Name an operation after its function: clients call ``client.create_item()``."""
    return route.name


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Document the problems that an endpoint may return, by status."""
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }


def add_openapi(
    app: FastAPI, scopes: Iterable[str], hidden: Collection[str] = ()
) -> None:
    """Describe every error with the one ``Problem`` schema, and list the scopes.

    ``hidden`` names security schemes and operations that settings disable.
    """
    generate = app.openapi
    descriptions = dict.fromkeys(scopes, "")

    def openapi() -> dict[str, Any]:
        document = generate()  # the same one each time
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        if Problem.__name__ not in schemas:
            schemas.update(_problem_schemas())
            document["paths"] = _without(document["paths"], hidden)
            document_identity(app, document, hidden)
            for scheme in document["components"].get("securitySchemes", {}).values():
                for flow in scheme.get("flows", {}).values():
                    flow["scopes"] = descriptions
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _without(
    paths: Mapping[str, dict[str, Any]], hidden: Collection[str]
) -> dict[str, Any]:
    """Return the paths without hidden operations."""
    for operations in paths.values():
        for method in [*operations]:
            if operations[method]["operationId"] in hidden:
                del operations[method]
    return {path: operations for path, operations in paths.items() if operations}


def _problem_schemas() -> dict[str, Any]:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs", {}), Problem.__name__: schema}
