"""How endpoints reach other services."""

from typing import Annotated

from fastapi import Depends, Request

from app.integrations.http import HttpClient


async def get_http_client(request: Request) -> HttpClient:
    """Return the client that the lifespan opened."""
    client: HttpClient = request.state.http_client
    return client


HttpClientDep = Annotated[HttpClient, Depends(get_http_client)]
