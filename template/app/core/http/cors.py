"""CORS: which web pages of other origins may call the service."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.middleware import cors
from starlette.responses import Response
from starlette.types import ASGIApp

from app.core.errors import problem_response
from app.core.http.settings import ApiSettings

# Response headers that scripts may read, in addition to the safelisted ones.
EXPOSED_HEADERS = (
    "ETag",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
)


class CORSMiddleware(cors.CORSMiddleware):
    """Starlette's middleware; allowed origins may use any method and header."""

    def __init__(self, app: ASGIApp, settings: ApiSettings) -> None:
        super().__init__(
            app,
            allow_origins=settings.cors_origins,
            allow_credentials=settings.cors_credentials,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=EXPOSED_HEADERS,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """Respond to a preflight request; a rejection is a problem."""
        response = super().preflight_response(request_headers)
        if response.status_code == HTTPStatus.OK:
            return response
        detail = f"{bytes(response.body).decode()}."
        problem = problem_response(HTTPStatus.BAD_REQUEST, detail=detail)
        problem.headers["Vary"] = response.headers["Vary"]
        return problem
