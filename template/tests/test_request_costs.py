"""No request within the limits keeps a process from serving others for long."""

import json
from collections.abc import Iterator
from contextlib import suppress
from time import process_time
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from app.core.settings import Settings

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
ID = "018f3c5a-7b1e-7c4d-9a2f-1b3c5d7e9f01"
MAX_ERRORS = 20
MAX_UNITS = 8  # without limits, the dearest of these bodies take 20 to 200


class Operation:
    """An operation with a body, and how large that may be."""

    def __init__(self, method: str, path: str, kind: str, fields: list[str]) -> None:
        self.method = method
        self.path = path
        self.kind = kind
        self.fields = fields
        self.limit = 0

    def bodies(self) -> Iterator[bytes]:
        """Make bodies that are dear to validate, each as long as may be."""
        if self.kind == FORM:
            yield b"username=" + b"%41" * (self.limit // 3 - 3)
            yield b"a=&" * (self.limit // 3)
            yield (b"username=%ff&" * self.limit)[: self.limit]
            return
        share = self.limit // (len(self.fields) + 1)
        yield b'{"%s":1}' % b'":1,"'.join(b"%06x" % n for n in range(self.limit // 11))
        yield self._with_all_fields(b"[%s1]" % (b"1," * (share // 2 - 20)))
        yield self._with_all_fields(b"[%s{}]" % (b"{}," * (share // 3 - 20)))
        yield self._with_all_fields(b'["%s"]' % b'","'.join([b"x"] * (share // 4 - 20)))
        keys = (b"%06x" % n for n in range(share // 11 - 10))
        yield self._with_all_fields(b'{"%s":1}' % b'":1,"'.join(keys))
        yield self._with_all_fields(b'"%s"' % (b"@" * (share - 20)))
        yield b"[" * self.limit
        yield b"[%s]" % (b"[]," * (self.limit // 3 - 2) + b"[]")

    def _with_all_fields(self, value: bytes) -> bytes:
        fields = (b'"%s":%s' % (name.encode(), value) for name in self.fields)
        return b"{" + b",".join(fields) + b"}"


def read_operations(app: FastAPI, settings: Settings) -> Iterator[Operation]:
    document = app.openapi()
    limits = {
        (route.path_format, method): getattr(route, "max_body_size", None)
        for route in iter_route_contexts(app.routes)
        for method in route.methods or ()
    }
    for path, methods in document["paths"].items():
        for method, details in methods.items():
            contents = details.get("requestBody", {}).get("content", {})
            for kind, content in contents.items():
                name = content["schema"]["$ref"].rpartition("/")[2]
                schema: dict[str, Any] = document["components"]["schemas"][name]
                fields = list(schema["properties"])
                operation = Operation(method.upper(), path, kind, fields)
                declared = limits[path, operation.method]
                operation.limit = declared or settings.api.max_body_size
                yield operation


@pytest.fixture(scope="module")
def unit(settings: Settings) -> float:
    """The time to parse the largest body, which nothing can avoid."""
    size = settings.api.max_body_size
    text = json.dumps({f"{number:06x}": 1 for number in range(size // 11)})
    start = process_time()
    for _ in range(2):
        json.loads(text)
    return (process_time() - start) / 2


def parse_time(body: bytes) -> float:
    """Return how long this body takes to parse, whatever is in it."""
    start = process_time()
    with suppress(ValueError, RecursionError):
        json.loads(body)
    return process_time() - start


def test_dear_bodies_are_refused_cheaply(
    app: FastAPI, client: TestClient, settings: Settings, unit: float
) -> None:
    dear = []
    for operation in read_operations(app, settings):
        url = operation.path.replace("{", "").replace("}", "")
        for name in ("item_id", "thing_id", "user_id"):
            url = url.replace(name, ID)
        for body in operation.bodies():
            assert len(body) <= operation.limit
            headers = {"Content-Type": operation.kind}
            base = max(unit, parse_time(body))
            units: list[float] = []
            while len(units) < 3 and min(units, default=MAX_UNITS) >= MAX_UNITS:
                start = process_time()
                response = client.request(
                    operation.method, url, content=body, headers=headers
                )
                units.append((process_time() - start) / base)
                assert response.status_code in {400, 403, 404, 422}, response.text
                assert len(response.json().get("errors", ())) <= MAX_ERRORS
            if min(units) >= MAX_UNITS:
                dear.append((operation.method, url, body[:30], min(units)))
    assert dear == []
