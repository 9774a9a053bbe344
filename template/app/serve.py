"""``python -m app.serve``: the service as it runs in production."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import uvicorn

from app.core.logs import configure_logs
from app.core.settings import load_settings


def main() -> None:
    """Serve until SIGTERM, finish what was begun, and end with 0."""
    settings = load_settings()
    configure_logs(settings)
    server = settings.server
    # At its very end, uvicorn sends itself the signal that has stopped it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with _shared_metrics():
        uvicorn.run(
            "app.main:app",  # by its name, so that each worker imports it
            host=server.host,
            port=server.port,
            backlog=server.backlog,
            timeout_keep_alive=server.keep_alive,
            timeout_graceful_shutdown=server.stop_timeout,
            limit_max_requests=server.max_requests,
            limit_max_requests_jitter=server.max_requests_jitter,
            log_config=None,  # ours
            access_log=False,  # AccessLogMiddleware says more
            server_header=False,
            proxy_headers=False,  # API_TRUSTED_PROXIES says whom to believe
        )


@contextmanager
def _shared_metrics() -> Iterator[None]:
    """Give workers a folder for what they count together, if there are several."""
    several = int(os.environ.get("WEB_CONCURRENCY") or 1) > 1  # uvicorn reads it, too
    if not several or os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        yield
        return
    with TemporaryDirectory(prefix="metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        yield


if __name__ == "__main__":
    main()
