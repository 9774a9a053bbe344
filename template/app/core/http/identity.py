"""Authentication before the body of a request is read."""

from collections.abc import Iterator
from contextlib import AsyncExitStack

from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import solve_dependencies
from fastapi.security.base import SecurityBase
from starlette.requests import Request


def identity_checks(dependant: Dependant) -> Iterator[Dependant]:
    """Yield the dependencies of an endpoint that authenticate, or check permissions.

    They have a security scheme of FastAPI, or take ``SecurityScopes``.
    """
    for one in dependant.dependencies:
        calls = (one.call, *(inner.call for inner in one.dependencies))
        has_scheme = any(isinstance(call, SecurityBase) for call in calls)
        if has_scheme or one.security_scopes_param_name:
            yield one
        else:
            yield from identity_checks(one)


async def check_identity(request: Request, checks: Dependant) -> None:
    """Run the dependencies of ``checks``; FastAPI runs them again after the body.

    What they open is closed before the body is read.
    """
    async with AsyncExitStack() as stack:
        stacks = {"fastapi_inner_astack": stack, "fastapi_function_astack": stack}
        await solve_dependencies(
            request=Request({**request.scope, **stacks}),
            dependant=checks,
            dependency_overrides_provider=request.app,
            async_exit_stack=stack,
            embed_body_fields=False,
        )
