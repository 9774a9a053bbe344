"""``python -m app.serve``: the service as it runs in production."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import uvicorn

from app.core.connections import BoundedProtocol
from app.core.logs import configure_logs
from app.core.settings import load_settings

# A worker says nothing while it imports the service. If it were replaced meanwhile, as
# uvicorn does after 5 seconds, none would ever be ready on a busy machine. But one that
# is killed just when it is asked whether it lives is missed for as long as this.
WORKER_PATIENCE = 20  # seconds


def main() -> None:
    """Serve until SIGTERM, and finish what was begun."""
    settings = load_settings()
    configure_logs(settings)
    server = settings.server
    # Until there is an application to stop.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with _shared_metrics():
        uvicorn.run(
            "app.main:app",  # by its name, so that each worker imports it
            host=server.host,
            port=server.port,
            http=BoundedProtocol,
            backlog=server.backlog,
            timeout_keep_alive=server.keep_alive,
            timeout_graceful_shutdown=server.stop_timeout,
            timeout_worker_healthcheck=WORKER_PATIENCE,
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
