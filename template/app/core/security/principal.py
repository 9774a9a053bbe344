"""Principals: the authenticated caller of a request, with its permissions."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Principal:
    """A user, or a program that acts for a user."""

    user_id: UUID
    permissions: frozenset[str]

    def can(self, *permissions: str) -> bool:
        """Tell whether all of these permissions are granted."""
        return self.permissions.issuperset(permissions)

    def can_access(self, owner_id: UUID, *, override: str) -> bool:
        """Tell whether it owns a resource or has the permission ``override``."""
        return owner_id == self.user_id or self.can(override)


@dataclass(frozen=True, slots=True)
class UserPrincipal(Principal):
    """A user who logged in."""

    session_id: UUID
