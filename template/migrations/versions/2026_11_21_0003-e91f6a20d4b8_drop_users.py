"""drop users.

Revision e91f6a20d4b8, after b7c2d1e8f340, of 2026-11-21.
"""

from collections.abc import Sequence
from types import ModuleType

from alembic import op

revision: str = "e91f6a20d4b8"
down_revision: str | Sequence[str] | None = "b7c2d1e8f340"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Drop users. Fails if items of different owners have the same SKU."""
    create_users().downgrade()


def downgrade() -> None:
    """Create users again. Items get an owner, but not their former one."""
    create_users().upgrade()


def create_users() -> ModuleType:
    """Return the revision that this one reverts."""
    scripts = op.get_context().script
    assert scripts is not None  # noqa: S101
    return scripts.get_revision("b7c2d1e8f340").module
