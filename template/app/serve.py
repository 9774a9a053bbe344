"""The server for production: ``python -m app.serve``."""

import gc
import signal
import sys

gc.disable()  # app/main.py says why

# Before the imports, which take seconds: the kernel does not deliver signals without a
# handler to process 1 of a container. Under nohup, SIGHUP stays ignored.
for _signal in {signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}:
    if signal.getsignal(_signal) != signal.SIG_IGN:
        signal.signal(_signal, lambda *_: sys.exit(0))

import logging  # noqa: E402
import os  # noqa: E402
from contextlib import suppress  # noqa: E402

# Variables of platforms and images for servers with several processes. Remove them
# before prometheus-client is imported, which reads them.
FOR_SEVERAL = (
    "WEB_CONCURRENCY",
    "PROMETHEUS_MULTIPROC_DIR",
    "prometheus_multiproc_dir",
)
IGNORED = [name for name in FOR_SEVERAL if os.environ.pop(name, "") not in {"", "1"}]

import uvicorn  # noqa: E402
from starlette.types import ASGIApp  # noqa: E402
from uvicorn.config import STARTUP_FAILURE  # noqa: E402

from app.core.logging import configure_logs  # noqa: E402
from app.core.server import UVICORN, DrainingServer, raise_descriptor_limit  # noqa: E402
from app.core.settings import refuse_insecure  # noqa: E402
from app.settings import Settings, load_settings  # noqa: E402

logger = logging.getLogger(__name__)


def main() -> None:
    """Serve in this process until SIGTERM or SIGHUP, then shut down gracefully."""
    settings = prepare()
    serve("app.main:app", settings, settings.app.drain_time)


def prepare() -> Settings:
    """Load the settings and configure logs, or end the process with a message."""
    settings = load_settings()
    refuse_insecure(settings)
    configure_logs(settings.log, settings.app)
    for name in IGNORED:
        logger.warning(
            "%s is ignored: app.serve is one process. To use more cores, start "
            "more containers or units, each with a port of its own.",
            name,
        )
    return settings


def serve(app: str | ASGIApp, settings: Settings, drain_time: float) -> None:
    """Serve an application until it is stopped, with an exit code if it fails."""
    raise_descriptor_limit(settings.server.max_connections)
    config = uvicorn.Config(
        app,
        host=settings.server.host,
        port=settings.server.port,
        workers=1,
        backlog=settings.server.backlog,
        timeout_keep_alive=settings.server.keep_alive,
        timeout_graceful_shutdown=settings.server.stop_timeout,
        **UVICORN,
    )
    config.load_app()  # if this fails, nothing has been opened yet
    gc.freeze()
    gc.enable()
    server = DrainingServer(config, drain_time)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


if __name__ == "__main__":
    main()
