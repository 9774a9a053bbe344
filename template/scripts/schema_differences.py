"""Differences between the models and a migrated database, found by PostgreSQL."""

from dataclasses import dataclass

from sqlalchemy import Connection, MetaData, text

# Every part of every table: PostgreSQL prints equal definitions as equal text.
PARTS = text("""
    WITH tables AS (
        SELECT oid, relname FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace
        AND relkind IN ('r', 'p') AND relname <> 'alembic_version'
    )
    SELECT relname, relname, concat('table ', obj_description(oid)) FROM tables
    UNION ALL
    SELECT relname, attname, concat_ws(' ',
        format_type(atttypid, atttypmod),
        'COLLATE ' || nullif(attcollation, typcollation)::regcollation,
        CASE WHEN attnotnull THEN 'NOT NULL' END,
        CASE attgenerated WHEN 's' THEN 'STORED' WHEN 'v' THEN 'VIRTUAL' END,
        'IDENTITY ' || nullif(attidentity::text, ''),
        'DEFAULT ' || pg_get_expr(adbin, adrelid),
        'COMMENT ' || col_description(attrelid, attnum))
    FROM tables
    JOIN pg_attribute ON attrelid = tables.oid AND attnum > 0 AND NOT attisdropped
    JOIN pg_type ON pg_type.oid = atttypid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    UNION ALL
    SELECT relname, conname, concat_ws(' ',
        pg_get_constraintdef(pg_constraint.oid, true),
        'COMMENT ' || obj_description(pg_constraint.oid))
    FROM tables JOIN pg_constraint ON conrelid = tables.oid AND contype <> 'n'
    UNION ALL
    SELECT tables.relname, index.relname, concat_ws(' ',
        pg_get_indexdef(indexrelid, 0, true),
        CASE WHEN NOT indisvalid THEN 'INVALID' END,
        'COMMENT ' || obj_description(indexrelid))
    FROM tables JOIN pg_index ON indrelid = tables.oid
    JOIN pg_class AS index ON index.oid = indexrelid
    WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    UNION ALL
    SELECT typname, typname, concat('enum ', string_agg(enumlabel, ', '
        ORDER BY enumsortorder))
    FROM pg_type JOIN pg_enum ON enumtypid = pg_type.oid
    WHERE typnamespace = current_schema()::regnamespace GROUP BY typname
    UNION ALL
    SELECT relname, tgname, concat_ws(' ',
        'trigger', tgenabled, pg_get_triggerdef(pg_trigger.oid, true))
    FROM tables JOIN pg_trigger ON tgrelid = tables.oid AND NOT tgisinternal
    UNION ALL
    SELECT proname, proname, concat('function ', string_agg(
        concat(signature, prosrc, pg_get_function_sqlbody(pg_proc.oid)), ' '
        ORDER BY signature))
    FROM pg_proc, pg_get_function_identity_arguments(pg_proc.oid) AS signature
    WHERE pronamespace = current_schema()::regnamespace GROUP BY proname
""")
# The database may have more of these than the models know, such as those of extensions.
OPTIONAL = ("trigger ", "function ")
USE_SCRATCH = text("""
    SELECT set_config('search_path', 'models, ' || current_setting('search_path'), true)
""")


@dataclass(frozen=True, slots=True)
class Difference:
    """A part of a table that the models and the database define differently."""

    table: str
    name: str
    in_models: str | None
    in_database: str | None

    def __str__(self) -> str:
        """Return both definitions."""
        models, database = self.in_models or "nothing", self.in_database or "nothing"
        return f"{self.table}, {self.name}: models {models!r}, database {database!r}"


def differences(
    connection: Connection, metadata: MetaData, *statements: str
) -> list[Difference]:
    """Compare the database with what the models would create, in a scratch schema.

    ``statements`` create tables without models, those of a library for example.
    Alembic does not compare CHECK conditions, EXCLUDE constraints, generated columns,
    primary keys or options of indexes. Needs a transaction, and changes nothing.
    """
    database = _parts(connection)
    tables = [table for table in metadata.sorted_tables if table.schema is None]
    with connection.begin_nested() as savepoint:
        connection.execute(text("CREATE SCHEMA models"))
        connection.execute(USE_SCRATCH)
        metadata.create_all(connection, tables=tables, checkfirst=False)
        for statement in statements:
            connection.execute(text(statement))
        models = _parts(connection)
        savepoint.rollback()
    both = {table for table, _ in models} & {table for table, _ in database}
    return [
        Difference(*part, models.get(part), database.get(part))
        for part in sorted({*models, *database})
        # A missing table is one difference.
        if models.get(part) != database.get(part)
        and (part[0] in both or part[0] == part[1])
        and (part in models or not database[part].startswith(OPTIONAL))
    ]


def _parts(connection: Connection) -> dict[tuple[str, str], str]:
    rows = connection.execute(PARTS).all()
    return {(table, name): definition for table, name, definition in rows}
