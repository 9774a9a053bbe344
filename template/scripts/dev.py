"""``uv run poe dev``: start databases, migrate, and serve with reload."""

import argparse
import signal
import socket

import uvicorn
from uvicorn.supervisors.watchfilesreload import WatchFilesReload

from app.core.server import UVICORN, DrainingServer
from app.settings import load_settings
from scripts.migrate import migrate
from scripts.servers import DATA, local_servers

HOST = "127.0.0.1"


class Reloader(WatchFilesReload):
    """Starts the next process at once: open streams do not delay a reload."""

    def restart(self) -> None:
        """Replace the process, whose responses may go on for a second."""
        self.process.terminate()
        self.startup()


def main() -> None:
    """Run until Ctrl+C, then stop all servers."""
    parser = argparse.ArgumentParser(prog="poe dev", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    with listen(port) as listener, local_servers(DATA):
        settings = load_settings()
        migrate(settings.database)
        print(f"Database  {settings.database.url}")
        port = listener.getsockname()[1]
        print(f"API       http://{HOST}:{port}/docs", flush=True)
        config = uvicorn.Config(
            "app.main:app",
            workers=1,  # instead of WEB_CONCURRENCY
            reload=True,
            reload_dirs=["app"],
            timeout_graceful_shutdown=1,
            **UVICORN,
        )
        server = DrainingServer(config, drain_time=0)
        Reloader(config, target=server.run, sockets=[listener]).run()
        # A second Ctrl+C must not interrupt the shutdown of the databases.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def listen(port: int) -> socket.socket:
    """Bind a port, 0 for any, or end the process with a hint."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise SystemExit(
            f"Cannot listen on port {port} ({error}). "
            "Choose another one: uv run poe dev --port N"
        ) from None
    return listener


if __name__ == "__main__":
    main()
