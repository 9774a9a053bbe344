"""The client that sent a request."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

MAX_ADDRESS = 45  # characters of an IPv6 address
MAX_USER_AGENT = 200


@dataclass(frozen=True, slots=True)
class Client:
    """The IP address and user agent of a client, as far as they can be trusted."""

    address: str
    user_agent: str


async def get_client(connection: HTTPConnection) -> Client:
    """Return the client; unprintable characters are removed and long values cut."""
    address = connection.client.host if connection.client else "unknown"
    user_agent = connection.headers.get("User-Agent", "")
    printable = "".join(filter(str.isprintable, user_agent))
    return Client(address[:MAX_ADDRESS], printable[:MAX_USER_AGENT])


ClientDep = Annotated[Client, Depends(get_client)]
