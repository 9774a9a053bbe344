"""Who is asking, and what they may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Permission(StrEnum):
    """One thing that can be allowed; also what an API key can be limited to."""

    ITEMS_READ = "items:read"
    ITEMS_WRITE = "items:write"
    ITEMS_READ_ALL = "items:read-all"
    ITEMS_WRITE_ALL = "items:write-all"
    USERS_READ_ALL = "users:read-all"
    USERS_WRITE_ALL = "users:write-all"


class Role(StrEnum):
    """What somebody is to the service; decides about their permissions."""

    USER = "user"
    ADMIN = "admin"


ROLES: Mapping[Role, frozenset[Permission]] = {
    Role.USER: frozenset(
        {
            Permission.ITEMS_READ,
            Permission.ITEMS_WRITE,
        }
    ),
    Role.ADMIN: frozenset(Permission),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever makes a request, with what they may do in it."""

    user_id: UUID
    permissions: frozenset[Permission]

    def may(self, *permissions: str) -> bool:
        """Tell whether all of these are allowed."""
        return self.permissions.issuperset(permissions)

    def owns(self, owner_id: UUID, *, or_may: Permission) -> bool:
        """Tell whether something is theirs, or they may do this to that of others."""
        return owner_id == self.user_id or self.may(or_may)


@dataclass(frozen=True, slots=True)
class LoggedIn(Principal):
    """Somebody who logged in, rather than a machine with an API key."""

    session_id: UUID
