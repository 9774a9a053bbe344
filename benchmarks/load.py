"""A client that costs little: it shares the machine with what it measures."""

import asyncio
import json
import time
from collections.abc import Iterator, Mapping

# Fewer than the connections that any pool keeps: none has to open more meanwhile.
CLIENTS = 4
PATIENCE = 60  # seconds for all requests of a visit


def request(
    method: str, path: str, headers: Mapping[str, str], body: object = None
) -> bytes:
    """Return a request as it is sent."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if content:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


def send(port: int, requests: Iterator[bytes], count: int, status: int) -> list[float]:
    """Send so many requests, each client one after another; return how long each took.

    Fails if one of them has another status.
    """
    return asyncio.run(_send(port, requests, count // CLIENTS, status))


async def _send(
    port: int, requests: Iterator[bytes], count: int, status: int
) -> list[float]:
    seconds: list[float] = []
    begin = f"HTTP/1.1 {status} ".encode()

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(count):
            start = time.perf_counter()
            writer.write(next(requests))
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(begin), head
            length = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
            await reader.readexactly(int(length))
            seconds.append(time.perf_counter() - start)
        writer.close()

    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return seconds
