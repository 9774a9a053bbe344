"""The worker for background jobs: ``python -m app.worker``.

It is the service without its endpoints, with the same probes, logs and metrics.
"""

from app.serve import prepare, serve  # first: it handles signals during the imports

from app.factory import create_worker  # isort: skip


def main() -> None:
    """Run jobs in this process until SIGTERM or SIGHUP, then shut down gracefully."""
    settings = prepare()
    serve(create_worker(settings), settings, drain_time=0)


if __name__ == "__main__":
    main()
