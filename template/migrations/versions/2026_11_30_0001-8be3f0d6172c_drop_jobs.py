"""drop jobs.

Revision 8be3f0d6172c, after 5d27a9c4e81b, of 2026-11-30.
"""

from collections.abc import Sequence

from migrations.procrastinate import drop_procrastinate

revision: str = "8be3f0d6172c"
down_revision: str | Sequence[str] | None = "5d27a9c4e81b"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Drop jobs; fails while jobs wait or run."""
    drop_procrastinate()


def downgrade() -> None:
    """Create nothing: the service has given up its jobs."""
