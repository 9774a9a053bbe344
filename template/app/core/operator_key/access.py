"""Access for operators: holders of ``OPS_KEY``."""

from http import HTTPStatus
from secrets import compare_digest

from fastapi import Depends, Request
from fastapi.security.utils import get_authorization_scheme_param
from starlette.exceptions import HTTPException

from app.core.operator_key.settings import OpsSettings
from app.core.settings import AppSettings


async def require_operator(request: Request) -> None:
    """Require ``OPS_KEY``. If it is not set, allow access in development only."""
    app: AppSettings = request.state.settings.app
    ops: OpsSettings = request.state.settings.ops
    key = ops.key.get_secret_value()
    if not key and not app.is_production:
        return
    if not key:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    given = request.headers.get("Authorization")
    scheme, credentials = get_authorization_scheme_param(given)
    right = compare_digest(credentials.encode(), key.encode())
    if scheme.lower() != "bearer" or not right:
        raise HTTPException(HTTPStatus.UNAUTHORIZED, "The key is missing or wrong.")


for_operators = Depends(require_operator)
