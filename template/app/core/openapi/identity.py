"""Identification of clients, as the dependencies of an endpoint declare it."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, TypeAlias, TypeVar

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.encoders import jsonable_encoder
from fastapi.routing import iter_route_contexts
from fastapi.security.base import SecurityBase

F = TypeVar("F", bound=Callable[..., Any])
Schemes: TypeAlias = Sequence[SecurityBase | None]  # None: clients need not identify

_marked: dict[object, Schemes] = {}


def identifies(*schemes: SecurityBase | None) -> Callable[[F], F]:
    """Mark a dependency that identifies the client by one of these schemes.

    It runs before the body is read. OpenAPI shows the schemes that all marked
    dependencies of an endpoint accept.
    """

    def mark(dependency: F) -> F:
        _marked[dependency] = schemes
        return dependency

    return mark


def identity_checks(dependant: Dependant) -> Iterator[Dependant]:
    """Yield the dependencies of an endpoint that identify clients, or check scopes.

    They are marked, have a security scheme of FastAPI, or take ``SecurityScopes``.
    """
    for one in dependant.dependencies:
        calls = (one.call, *(inner.call for inner in one.dependencies))
        has_scheme = any(isinstance(call, SecurityBase) for call in calls)
        if has_scheme or one.security_scopes_param_name or one.call in _marked:
            yield one
        else:
            yield from identity_checks(one)


def required_scopes(dependant: Dependant) -> list[str]:
    """Return the scopes, that is the permissions, that clients of an endpoint need."""
    scopes = (scope for one in _all(dependant) for scope in one.own_oauth_scopes or ())
    return [*dict.fromkeys(scopes)]


def accepted_schemes(dependant: Dependant, hidden: Collection[str] = ()) -> Schemes:
    """Return the security schemes of an endpoint, of which a client needs one."""
    calls: list[Any] = [one.call for one in _all(dependant)]
    marks = [_marked[call] for call in calls if call in _marked]
    common = [
        scheme
        for scheme in (marks[0] if marks else ())
        if all(scheme in others for others in marks)
    ]
    own = (call for call in calls if isinstance(call, SecurityBase))
    found = dict.fromkeys([*own, *common])
    return [one for one in found if one is None or one.scheme_name not in hidden]


def document_identity(
    app: FastAPI, document: dict[str, Any], hidden: Collection[str]
) -> None:
    """Show in an OpenAPI document how clients identify themselves."""
    for route in iter_route_contexts(app.routes):
        operations = document["paths"].get(route.path_format, {})
        for operation in map(operations.get, map(str.lower, route.methods or ())):
            if operation and (schemes := accepted_schemes(route.dependant, hidden)):
                scopes = required_scopes(route.dependant)
                operation["security"] = [
                    {one.scheme_name: scopes} if one else {} for one in schemes
                ]
                document["components"].setdefault("securitySchemes", {}).update(
                    {one.scheme_name: _model(one) for one in schemes if one}
                )


def _all(dependant: Dependant) -> Iterator[Dependant]:
    """Yield all dependencies of an endpoint, and theirs."""
    for one in dependant.dependencies:
        yield one
        yield from _all(one)


def _model(scheme: SecurityBase) -> Any:  # noqa: ANN401
    return jsonable_encoder(scheme.model, by_alias=True, exclude_none=True)
