"""Alembic's environment and the revisions of the database."""

# Seconds. A migration that waits for a lock blocks everyone behind it: better give up.
LOCK_TIMEOUT = 5
STATEMENT_TIMEOUT = 300
# Two migrations at once would trip over each other: the second waits for the first.
ADVISORY_LOCK = 4_116_107_101
