"""Authentication and authorization."""

from app.core.security.attempts import AttemptLimiter
from app.core.security.cookies import PageLoginDep, SessionCookies, deletes_cookie
from app.core.security.dependencies import (
    AccessTokensDep,
    AttemptsDep,
    Authenticator,
    CountedPasswordDep,
    CurrentUserDep,
    HashingSlotDep,
    OptionalPrincipalDep,
    PasswordsDep,
    PrincipalDep,
    asks_for_mail,
    limit_password_hashing,
    no_store,
    require,
)
from app.core.security.events import SecurityEvent, log_event
from app.core.security.login_checks import LoginCheckMiddleware
from app.core.security.passwords import Passwords
from app.core.security.principal import Principal, UserPrincipal
from app.core.security.settings import AuthSettings
from app.core.security.tokens import (
    AccessTokens,
    Claims,
    InvalidTokenError,
    generate_token,
    hash_token,
)

__all__ = [
    "AccessTokens",
    "AccessTokensDep",
    "AttemptLimiter",
    "AttemptsDep",
    "AuthSettings",
    "Authenticator",
    "Claims",
    "CountedPasswordDep",
    "CurrentUserDep",
    "HashingSlotDep",
    "InvalidTokenError",
    "LoginCheckMiddleware",
    "OptionalPrincipalDep",
    "PageLoginDep",
    "Passwords",
    "PasswordsDep",
    "Principal",
    "PrincipalDep",
    "SecurityEvent",
    "SessionCookies",
    "UserPrincipal",
    "asks_for_mail",
    "deletes_cookie",
    "generate_token",
    "hash_token",
    "limit_password_hashing",
    "log_event",
    "no_store",
    "require",
]
