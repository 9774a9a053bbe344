"""``uv run poe dev``: databases, migrations and a server that reloads."""

import argparse
import os
import signal
import socket

import uvicorn

from app.core.server import UVICORN
from app.settings import load_settings
from scripts.migrate import migrate
from scripts.servers import DATA, local_servers

HOST = "127.0.0.1"


def main() -> None:
    """Run until Ctrl+C; whatever was started here stops with it."""
    parser = argparse.ArgumentParser(prog="poe dev", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    refuse_busy_port(port)
    os.environ.setdefault("APP_DRAIN_TIME", "0")  # nobody waits for a reload
    with local_servers(DATA):
        settings = load_settings()
        migrate(settings.database)
        print(f"Database  {settings.database.url}")
        print(f"API       http://{HOST}:{port}/docs", flush=True)
        uvicorn.run(
            "app.main:app",
            host=HOST,
            port=port,
            workers=1,  # whatever WEB_CONCURRENCY says
            reload=True,
            reload_dirs=["app"],
            timeout_graceful_shutdown=1,  # a stream that is open would hold a reload
            **UVICORN,
        )
        # An impatient second Ctrl+C must not keep the databases from stopping.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def refuse_busy_port(port: int) -> None:
    """End the process with a hint if another one listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise SystemExit(
                f"Cannot listen on port {port} ({error}). "
                "Choose another one: uv run poe dev --port N"
            ) from None


if __name__ == "__main__":
    main()
