"""create users.

Revision b7c2d1e8f340, after c3d8e5f1a274, of 2026-11-21.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "b7c2d1e8f340"
down_revision: str | Sequence[str] | None = "c3d8e5f1a274"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        *id_and_times(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "one_time_tokens",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        *id_and_times(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_tokens_token_hash")),
    )
    op.create_table(
        "user_sessions",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        time_of_the_database("last_used_at"),
        sa.Column("client_address", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.String(length=200), nullable=False),
        sa.Column("rotation_key", sa.LargeBinary(length=32), nullable=False),
        *id_and_times(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        *id_and_times(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_refresh_tokens_token_hash")),
    )
    op.create_table(
        "api_keys",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.String(length=50)), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        *id_and_times(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_keys_key_hash")),
    )
    for table in ("one_time_tokens", "user_sessions", "api_keys"):
        op.create_index(op.f(f"ix_{table}_user_id"), table, ["user_id"])
        belongs_to(table, "user_id", "users")
    op.create_index(
        op.f("ix_refresh_tokens_session_id"), "refresh_tokens", ["session_id"]
    )
    belongs_to("refresh_tokens", "session_id", "user_sessions")
    give_items_an_owner()
    give_idempotency_keys_an_owner()


def give_items_an_owner() -> None:
    """Assign items that are older than users to an account without login."""
    op.add_column("items", sa.Column("owner_id", sa.Uuid(), nullable=True))
    op.execute(
        "INSERT INTO users"
        " (id, email, password_hash, role, is_active, session_epoch)"
        " SELECT gen_random_uuid(), 'nobody@localhost', '', 'user', false, 0"
        " WHERE EXISTS (SELECT FROM items)"
    )
    op.execute("UPDATE items SET owner_id = (SELECT id FROM users)")
    op.alter_column("items", "owner_id", nullable=False)
    belongs_to("items", "owner_id", "users")
    for column in ("created_at", "name"):
        op.create_index(
            op.f(f"ix_items_owner_id_{column}_id"), "items", ["owner_id", column, "id"]
        )
    op.create_unique_constraint(
        op.f("uq_items_owner_id_sku"), "items", ["owner_id", "sku"]
    )
    op.drop_constraint(op.f("uq_items_sku"), "items", type_="unique")


def give_idempotency_keys_an_owner() -> None:
    """Delete stored responses, whose users are unknown."""
    alter_idempotency_keys(
        "ADD COLUMN user_id uuid NOT NULL",
        "DROP CONSTRAINT pk_idempotency_keys",
        "ADD CONSTRAINT pk_idempotency_keys PRIMARY KEY (user_id, key)",
        "ADD CONSTRAINT fk_idempotency_keys_user_id"
        " FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE",
    )


def alter_idempotency_keys(*changes: str) -> None:
    """Empty and change their table, unless the service has taken it out."""
    op.execute(
        "DO $$ BEGIN IF to_regclass('idempotency_keys') IS NOT NULL THEN"
        " TRUNCATE idempotency_keys;"
        f" ALTER TABLE idempotency_keys {', '.join(changes)};"
        " END IF; END $$"
    )


def id_and_times() -> list[sa.Column[object]]:
    """Return the columns of every table."""
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        time_of_the_database("created_at"),
        time_of_the_database("updated_at"),
    ]


def time_of_the_database(name: str) -> sa.Column[object]:
    """Return a column that is filled by the database."""
    return sa.Column(
        name,
        sa.DateTime(timezone=True),
        server_default=sa.text("now()"),
        nullable=False,
    )


def belongs_to(table: str, column: str, owners: str) -> None:
    """Delete rows with the row that owns them."""
    op.create_foreign_key(
        op.f(f"fk_{table}_{column}"),
        table,
        owners,
        [column],
        ["id"],
        ondelete="CASCADE",
    )


def downgrade() -> None:
    alter_idempotency_keys(
        "DROP COLUMN user_id",  # and with it the primary key
        "ADD CONSTRAINT pk_idempotency_keys PRIMARY KEY (key)",
    )
    op.create_unique_constraint(op.f("uq_items_sku"), "items", ["sku"])
    op.drop_column("items", "owner_id")
    for table in ("api_keys", "refresh_tokens", "user_sessions", "one_time_tokens"):
        op.drop_table(table, if_exists=True)  # API keys may have been taken out
    op.drop_table("users")
