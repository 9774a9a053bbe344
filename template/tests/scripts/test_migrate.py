"""``uv run poe migrate``."""

import pytest
from sqlalchemy import make_url

from app.core.database import DatabaseSettings
from scripts.migrate import migrate


def test_unreachable_database_is_reported_in_one_line() -> None:
    url = make_url("postgresql://postgres:s3cret@127.0.0.1:1/postgres")
    with pytest.raises(SystemExit) as error:
        migrate(DatabaseSettings(url=url))
    message = str(error.value)
    assert message.startswith("Cannot migrate postgresql://postgres:***@127.0.0.1:1/")
    assert "s3cret" not in message
