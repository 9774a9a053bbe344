"""Build and drop indexes while the service writes to their tables.

A revision calls one function from here and does nothing else::

    from migrations.concurrently import create_index, drop_index

    def upgrade() -> None:
        create_index("ix_items_name", "items", ["name"])

    def downgrade() -> None:
        drop_index("ix_items_name", "items")

``CREATE INDEX CONCURRENTLY`` runs outside a transaction: earlier revisions are
committed first, and a failure leaves an invalid index behind. So each function can be
repeated. The connection must lead to PostgreSQL itself, not to a pooler.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from alembic import context, op
from alembic.util import CommandError
from sqlalchemy import TextClause, text

from migrations import TIMEOUTS

THROUGH_POOLER = (
    "An index cannot be built concurrently through a pooler in transaction mode: let"
    " DATABASE_URL lead to PostgreSQL, without DATABASE_TRANSACTION_POOLING."
)
IS_INVALID = text(
    "SELECT EXISTS (SELECT FROM pg_index"
    " WHERE indexrelid = to_regclass(quote_ident(:name)) AND NOT indisvalid)"
)


def create_index(
    name: str,
    table: str,
    columns: Sequence[str | TextClause],
    **options: Any,  # noqa: ANN401
) -> None:
    """Build an index unless it exists; ``options`` are those of ``op.create_index``.

    An invalid index of this name, left behind by an earlier attempt, is dropped first.
    """
    with _without_limits():
        if not context.is_offline_mode() and _is_invalid(name):
            _drop(name, table)
        op.create_index(
            name,
            table,
            columns,
            if_not_exists=True,
            postgresql_concurrently=True,
            **options,
        )


def drop_index(name: str, table: str) -> None:
    """Drop an index if it exists."""
    with _without_limits():
        _drop(name, table)


@contextmanager
def _without_limits() -> Iterator[None]:
    """Leave the transaction and disable the timeouts.

    A concurrent statement waits for old transactions to end, and blocks no reads or
    writes meanwhile.
    """
    database = context.config.attributes.get("database")
    if database and database.transaction_pooling:
        raise CommandError(THROUGH_POOLER)
    with op.get_context().autocommit_block():
        for name in TIMEOUTS:
            op.execute(f"SET {name} = 0")
        yield
        for name, seconds in TIMEOUTS.items():
            op.execute(f"SET {name} = '{seconds}s'")


def _is_invalid(name: str) -> bool:
    return bool(op.get_bind().scalar(IS_INVALID, {"name": name}))


def _drop(name: str, table: str) -> None:
    op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
