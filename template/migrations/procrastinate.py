"""The tables of procrastinate, the library of background jobs.

A revision takes them from one of the library's migrations to another::

    from migrations.procrastinate import upgrade_procrastinate

    def upgrade() -> None:
        upgrade_procrastinate(after="03.04.00_50", to="03.06.00_01")
"""

from importlib.resources import files

from alembic import op
from alembic.util import CommandError
from sqlalchemy import text

UNFINISHED = text("""
    SELECT count(*) FROM procrastinate_jobs
    WHERE status IN ('todo', 'doing') AND task_name NOT LIKE 'core.%'
""")
# Without it, each fetch would read all jobs that wait for a later time.
DUE_INDEX = """
    CREATE INDEX ix_procrastinate_jobs_due ON procrastinate_jobs
    (queue_name, scheduled_at) WHERE status = 'todo'
"""
# Functions take their triggers along.
DROP = r"""
    DO $$ DECLARE each record; BEGIN
        FOR each IN SELECT oid::regprocedure AS name FROM pg_proc
            WHERE pronamespace = current_schema()::regnamespace
            AND proname LIKE 'procrastinate\_%'
        LOOP EXECUTE 'DROP FUNCTION ' || each.name || ' CASCADE'; END LOOP;
        DROP TABLE IF EXISTS procrastinate_periodic_defers, procrastinate_events,
            procrastinate_jobs, procrastinate_workers;
        DROP TYPE IF EXISTS procrastinate_job_to_defer_v1, procrastinate_job_status,
            procrastinate_job_event_type;
    END $$
"""


def upgrade_procrastinate(*, to: str, after: str = "") -> None:
    """Run the library's migrations, which are named after their releases."""
    scripts = files("procrastinate.sql") / "migrations"
    for script in sorted(scripts.iterdir(), key=lambda each: each.name):
        if script.name.endswith(".sql") and after < script.name[: len(to)] <= to:
            op.execute(_as_statement(script.read_text()))


def drop_procrastinate() -> None:
    """Drop everything that the library has created; fails while jobs wait or run."""
    if count := _count_unfinished():
        raise CommandError(
            f"{count} background jobs wait or run. Let a worker of the last release run"
            " them, or cancel them."
        )
    op.execute(DROP.replace(":", r"\:"))


def installed_schema() -> str:
    """Return a statement that creates what the installed release needs, at once."""
    schema = (files("procrastinate.sql") / "schema.sql").read_text()
    return _as_statement(schema + DUE_INDEX)


def _count_unfinished() -> int:
    if op.get_context().as_sql:
        return 0
    exists = op.get_bind().scalar(text("SELECT to_regclass('procrastinate_jobs')"))
    return op.get_bind().scalar(UNFINISHED) or 0 if exists else 0


def _as_statement(script: str) -> str:
    """Make one statement of a script; its colons are no parameters."""
    block = f"DO $block$ BEGIN EXECUTE $script${script}$script$; END $block$"
    return block.replace(":", r"\:")
