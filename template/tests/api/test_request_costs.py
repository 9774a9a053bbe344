"""No request within the limits keeps a process from serving others for long."""

import gc
import json
import re
import sys
from collections.abc import Iterator, Mapping
from json import JSONDecodeError
from time import process_time
from typing import Any, TypeAlias

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from app.core.http.bodies import parse_json
from app.core.limits import LimitSettings
from app.settings import Settings

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
FORMS = {FORM, "multipart/form-data"}
MULTIPART = "multipart/form-data; boundary=B"
ID = "018f3c5a-7b1e-7c4d-9a2f-1b3c5d7e9f01"
MAX_ERRORS = 20
# Without limits, the dearest of these requests take 20 to 200. Coverage slows the
# service, and not the parser.
MAX_UNITS = 64 if sys.gettrace() else 16
MAX_DIGITS = 4300  # of an integer that Python reads
OWN_HEADERS = 2000  # bytes, more than the client sends

Request: TypeAlias = dict[str, Any]


class Operation:
    """An operation, and how large its requests may be."""

    def __init__(self, method: str, path: str, details: Mapping[str, Any]) -> None:
        self.method = method
        self.path = path
        self.url = re.sub(r"\{\w+\}", ID, path)
        self.kinds = details.get("requestBody", {}).get("content", {})
        parameters = details.get("parameters", ())
        self.query = [one["name"] for one in parameters if one["in"] == "query"]
        self.reads_headers = any(one["in"] == "header" for one in parameters)
        self.fields: list[str] = []
        self.limit = 0

    def requests(self, limits: LimitSettings) -> Iterator[Request]:
        """Make requests that are dear to read, each as long as may be."""
        for query in self._queries(limits.max_url_size - len(self.url) - 1):
            yield {"url": f"{self.url}?{query}"}
        # What the others read of headers, middleware reads for these as well.
        if self.reads_headers:
            for headers in dear_headers(limits.max_header_size - OWN_HEADERS):
                yield {"url": self.url, "headers": headers}
        for kind in self.kinds:
            bodies = [(kind, body) for body in self._bodies(kind)]
            if kind in FORMS:
                bodies += [(MULTIPART, body) for body in dear_parts(self.limit)]
            for given, body in bodies:
                assert len(body) <= self.limit
                headers = [("Content-Type", given)]
                yield {"url": self.url, "content": body, "headers": headers}

    def _queries(self, size: int) -> Iterator[str]:
        for name in self.query:
            yield f"{name}={'9' * (size - len(name) - 5)}&x=1"
            yield f"{name}=1&" * (size // (len(name) + 3) - 1) + "x=1"
            yield f"{name}={'%ff' * ((size - len(name) - 5) // 3)}&x=1"
        yield "&" * (size - 3) + "x=1"
        yield "&".join(f"{number:04x}=" for number in range(size // 6))

    def _bodies(self, kind: str) -> Iterator[bytes]:
        if kind == FORM:
            yield b"username=" + b"%41" * (self.limit // 3 - 3)
            yield b"a=&" * (self.limit // 3)
            yield (b"username=%ff&" * self.limit)[: self.limit]
            return
        share = self.limit // (len(self.fields) + 1)
        yield b'{"%s":1}' % b'":1,"'.join(b"%06x" % n for n in range(self.limit // 11))
        yield b'{"%s":1}' % (b"/" * (self.limit - 6))
        yield self._with_all_fields(b"[%s1]" % (b"1," * (share // 2 - 20)))
        yield self._with_all_fields(b"[%s{}]" % (b"{}," * (share // 3 - 20)))
        yield self._with_all_fields(b'["%s"]' % b'","'.join([b"x"] * (share // 4 - 20)))
        keys = (b"%06x" % n for n in range(share // 11 - 10))
        yield self._with_all_fields(b'{"%s":1}' % b'":1,"'.join(keys))
        yield self._with_all_fields(b'"%s"' % (b"@" * (share - 20)))
        yield self._with_all_fields(b'"%s"' % (b"\\ud800" * (share // 6 - 20)))
        yield self._with_all_fields(b"9" * min(MAX_DIGITS, share - 20))
        yield self._with_all_fields(b"0.%s" % (b"9" * (share - 22)))
        yield b"[" * self.limit
        yield b"[%s]" % (b"[]," * (self.limit // 3 - 2) + b"[]")
        deep = b"[" * 100 + b"]" * 100
        yield b"[%s1]" % ((deep + b",") * (self.limit // 201 - 1))
        digits = b"9" * MAX_DIGITS
        yield b"[%s1]" % ((digits + b",") * (self.limit // (MAX_DIGITS + 1) - 1))

    def _with_all_fields(self, value: bytes) -> bytes:
        fields = (b'"%s":%s' % (name.encode(), value) for name in self.fields)
        return b"{" + b",".join(fields) + b"}"


def dear_headers(size: int) -> Iterator[list[tuple[str, str]]]:
    """Make headers that are dear to read."""
    for name, item in (
        ("Accept", ","),
        ("Accept", "a/b;q=0,"),
        ("Accept-Encoding", "gzip;q=0,"),
        ("Content-Type", "multipart/form-data;"),
        ("Cookie", ";"),
        ("Cookie", "a=1;"),
        ("If-Match", '"a",'),
        ("If-None-Match", 'W/"'),
        ("Range", "bytes=0-1,"),
        ("Tracestate", "a=1,"),
        ("User-Agent", 'password="'),
        ("X-Forwarded-For", "[::1]:1,"),
    ):
        yield [(name, item * (size // len(item)))]
    yield [("Cookie", 'a="' + "\\" * (size - 4) + '"')]
    yield [("Cookie", "a=1")] * (size // 13)
    yield [("X", "")] * (size // 5)


def dear_parts(size: int) -> Iterator[bytes]:
    """Make bodies of forms whose parts are dear to read."""
    head = b'--B\r\nContent-Disposition: form-data; name="username"'
    empty = head + b"\r\n\r\n\r\n"
    end = b"--B--\r\n"
    yield empty * ((size - len(end)) // len(empty)) + end
    room = size - len(empty) - len(end)
    yield head + b"\r\n\r\n" + b"\r\n--" * (room // 4) + b"\r\n" + end
    yield head + b"\r\n" + b"a:\r\n" * (room // 4) + b"\r\n\r\n" + end
    yield head + b";a=b" * (room // 4) + b"\r\n\r\n\r\n" + end


def read_operations(app: FastAPI, settings: Settings) -> Iterator[Operation]:
    document = app.openapi()
    limits = {
        (route.path_format, method): getattr(route, "max_body_size", None)
        for route in iter_route_contexts(app.routes)
        for method in route.methods or ()
    }
    for path, methods in document["paths"].items():
        for method, details in methods.items():
            operation = Operation(method.upper(), path, details)
            for content in operation.kinds.values():
                name = content["schema"].get("$ref", "").rpartition("/")[2]
                schema: dict[str, Any] = document["components"]["schemas"].get(name, {})
                operation.fields = list(schema.get("properties", ()))
            # What costs little at this size costs little of a larger body.
            most = settings.limits.max_body_size
            operation.limit = min(limits[path, operation.method] or most, most)
            yield operation


@pytest.fixture(scope="module")
def unit(settings: Settings) -> float:
    """The time to parse a body of the largest size, which nothing can avoid."""
    size = settings.limits.max_body_size
    text = json.dumps({f"{number:06x}": 1 for number in range(size // 11)})
    start = process_time()
    for _ in range(8):
        json.loads(text)
    return (process_time() - start) / 8


def test_expensive_requests_are_rejected_cheaply(
    app: FastAPI, client: TestClient, settings: Settings, unit: float
) -> None:
    for operation in read_operations(app, settings):
        for request in operation.requests(settings.limits):
            units: list[float] = []
            while len(units) < 5 and min(units, default=MAX_UNITS) >= MAX_UNITS:
                start = process_time()
                response = client.request(operation.method, **request)
                units.append((process_time() - start) / unit)
                assert response.status_code < 500, response.text
                assert response.status_code != 401, operation.url
                if response.is_client_error and response.content:
                    assert len(response.json().get("errors", ())) <= MAX_ERRORS
            assert min(units) < MAX_UNITS, (operation.method, repr(request)[:300])


def test_json_is_parsed_without_garbage_collection() -> None:
    """It would visit the lists of a body again and again."""
    phases: list[str] = []

    def note(phase: str, _: object) -> None:
        phases.append(phase)

    gc.callbacks.append(note)
    try:
        parsed = parse_json(b"[%s1]" % (b"[]," * 100_000))
        with pytest.raises(JSONDecodeError):
            parse_json(b"[" * 100_000)
    finally:
        gc.callbacks.remove(note)
    assert len(parsed) == 100_001
    assert phases.count("start") <= 2  # before and after, instead of dozens
    assert gc.isenabled()
