"""Alembic's environment and the revisions of the database."""

# Seconds. A statement that waits for a lock blocks all later ones on its table.
TIMEOUTS = {"statement_timeout": 300, "lock_timeout": 5}
# For an index on a large table, ``migrations.concurrently`` disables both.
LONGEST_STATEMENT = 4 * 60 * 60
# The key of PostgreSQL's advisory lock: one migration runs at a time.
ADVISORY_LOCK = 4_116_107_101
