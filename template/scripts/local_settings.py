"""Settings that a developer's machine needs and no other may have."""

import os
from pathlib import Path
from secrets import token_hex

from dotenv import dotenv_values

ENV = Path(".env")  # git-ignored


def write_local_settings() -> None:
    """Add what is missing to ``.env``, but never where it may be production."""
    given = [*dotenv_values(ENV).items(), *os.environ.items()]
    known = {name.upper(): value for name, value in given if value}
    # A key without an environment: production is the default.
    default = "production" if "AUTH_SIGNING_KEY" in known else "development"
    if known.get("APP_ENVIRONMENT", default) == "production":
        return
    wanted = {"APP_ENVIRONMENT": "development", "AUTH_SIGNING_KEY": token_hex(32)}
    missing = {name: wanted[name] for name in wanted.keys() - known.keys()}
    if missing:
        ENV.touch(mode=0o600)
        with ENV.open("a") as file:
            file.write("\n# For this machine only, by scripts/local_settings.py\n")
            file.writelines(f"{name}={missing[name]}\n" for name in sorted(missing))
