"""``app.serve`` with endpoints that show, and break, what no client reaches.

The interpreter of a project runs it: nothing here knows the tests.
"""

import asyncio
import inspect
import socket
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

from anyio._core import _sockets
from app.core.http import UNLIMITED, APIRouter
from app.core.http_client import HttpClientDep, http_errors
from app.main import app
from app.serve import main
from fastapi import Request, UploadFile, WebSocket
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse
from uuid_utils import compat

_look_up = socket.getaddrinfo
_answers = threading.Event()
_answers.set()
_knows = threading.Event()
_knows.set()
_new_id = compat._uuid7_int  # noqa: SLF001
_travels: list[Any] = []


async def tasks() -> int:
    """Count what the event loop has begun."""
    return len(asyncio.all_tasks())


async def dns(state: str) -> None:
    """Let the resolver be "well", know no host, or be "silent"."""
    (_answers.clear if state == "silent" else _answers.set)()
    (_knows.set if state == "well" else _knows.clear)()


def look_up(host: Any, *options: Any, **more: Any) -> Any:  # noqa: ANN401
    """Find all names of .test on this machine, as long as the resolver is well."""
    if str(host).endswith(".test"):
        _answers.wait()
        if not _knows.is_set():
            raise socket.gaierror(socket.EAI_AGAIN, "Try again")
        host = "127.0.0.1"
    return _look_up(host, *options, **more)


async def look_up_in_a_thread(*host: Any, **options: Any) -> Any:  # noqa: ANN401
    """Do as uvloop, whose own threads do not know of the function above."""
    return await asyncio.to_thread(look_up, *host, **options)


async def clock(ahead: float) -> float:
    """Set the clock of this process so many seconds ahead, and return by how many."""
    import time_machine  # noqa: PLC0415 - who never sets the clock does without

    while _travels:
        _travels.pop().stop()
    right = time.time()
    if ahead:
        _travels.append(time_machine.travel(right + ahead, tick=True))
        _travels[-1].start()
    return time.time() - right


def new_id(*, nanoseconds: int | None = None) -> int:
    """Do as the library, which would ask the machine what time it is."""
    return int(_new_id(nanoseconds=time.time_ns() if _travels else nanoseconds))


socket.getaddrinfo = look_up
_sockets.getaddrinfo = look_up_in_a_thread
compat._uuid7_int = new_id  # noqa: SLF001

if inspect.iscoroutinefunction(HttpClientDep.__origin__.send):

    async def call(url: str, client: HttpClientDep) -> int:
        """Ask another service."""
        with http_errors("The other service"):
            response = await client.get(url)
        return int(response.status_code)

else:

    def call(url: str, client: HttpClientDep) -> int:  # type: ignore[misc]
        """Ask another service."""
        with http_errors("The other service"):
            response = client.get(url)
        return int(response.status_code)


for endpoint in (tasks, dns, clock, call):
    app.add_api_route(f"/{endpoint.__name__}", endpoint)

ANY = {"max_body_size": UNLIMITED, "deadline": UNLIMITED}
router = APIRouter()
try:  # with accounts
    from app.core.security import PrincipalDep, require
    from app.permissions import Permission
except ImportError:
    users = []
else:
    users = [require(Permission.ITEMS_WRITE)]

    async def echo(socket: WebSocket, _: PrincipalDep) -> None:
        """Send back what users send."""
        await socket.accept()
        async for text in socket.iter_text():
            await socket.send_text(text)

    async def keep_file(file: UploadFile) -> int:
        """Count the bytes of a file, which Starlette stores on disk."""
        return file.size or 0

    router.websocket("/socket")(echo)
    router.post("/file", dependencies=users, **ANY)(keep_file)


async def upload(request: Request) -> int:
    """Count the bytes of a body, without keeping any."""
    return sum([len(piece) async for piece in request.stream()])


async def download(size: int) -> StreamingResponse:
    """Send so many MiB."""
    return StreamingResponse(b"x" * 2**20 for _ in range(size))


async def stream_events() -> AsyncIterator[str]:
    """Send an event, and never end."""
    yield "begun"
    await asyncio.sleep(float("inf"))


router.post("/upload", dependencies=users, **ANY)(upload)
router.get("/download")(download)
router.get("/events", response_class=EventSourceResponse)(stream_events)
app.include_router(router)

if __name__ == "__main__":
    main()
