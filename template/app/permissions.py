"""Permissions, and the roles that grant them."""

from collections.abc import Mapping
from enum import StrEnum


class Permission(StrEnum):
    """Permissions of callers."""

    ITEMS_READ = "items:read"
    ITEMS_WRITE = "items:write"
    ITEMS_READ_ALL = "items:read-all"
    ITEMS_WRITE_ALL = "items:write-all"
    USERS_READ_ALL = "users:read-all"
    USERS_WRITE_ALL = "users:write-all"


class Role(StrEnum):
    """The role of a user."""

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
