"""Principals: who makes a request, with their permissions."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Principal:
    """A user, or a machine with an API key of a user."""

    user_id: UUID
    permissions: frozenset[str]

    def can(self, *permissions: str) -> bool:
        """Tell whether all of these permissions are granted."""
        return self.permissions.issuperset(permissions)

    def can_access(self, owner_id: UUID, *, override: str) -> bool:
        """Tell whether they own a resource, or have the permission ``override``."""
        return owner_id == self.user_id or self.can(override)


@dataclass(frozen=True, slots=True)
class UserPrincipal(Principal):
    """A user who logged in, not a machine with an API key."""

    session_id: UUID
