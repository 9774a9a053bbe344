"""Access for operators: holders of ``OPS_KEY``."""

from http import HTTPStatus
from secrets import compare_digest
from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from app.core.operator_key.settings import OpsSettings
from app.core.settings import AppSettings

# Auto_error is off, because without OPS_KEY the endpoints do not exist.
operator_key = HTTPBearer(scheme_name="OperatorKey", auto_error=False)


async def require_operator(
    connection: HTTPConnection,
    given: Annotated[HTTPAuthorizationCredentials | None, Security(operator_key)],
) -> None:
    """Require ``OPS_KEY``. If it is not set, allow access in development only."""
    app: AppSettings = connection.state.settings.app
    ops: OpsSettings = connection.state.settings.ops
    key = ops.key.get_secret_value()
    if not key and not app.is_production:
        return
    if not key:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    credentials = given.credentials if given else ""
    if not compare_digest(credentials.encode(), key.encode()):
        raise HTTPException(HTTPStatus.UNAUTHORIZED, "The key is missing or wrong.")


for_operators = Depends(require_operator)
