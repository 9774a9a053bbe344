"""``uv run poe check-production``: list insecure settings."""

from collections.abc import Iterator

from app.core.limits import LimitSettings
from app.core.settings import insecure_settings
from app.settings import load_settings
from scripts.routes import endpoints


def main() -> None:
    """Print a line for each insecure setting, and exit with 1 if there is any.

    Endpoints with which strangers can cause much work are listed, but may be right.
    """
    settings = load_settings()
    lines = insecure_settings(settings)
    if not settings.app.is_production:
        lines.insert(0, "APP_ENVIRONMENT: is not production")
    for line in costly_endpoints(settings.limits):
        print(line)
    if lines:
        raise SystemExit("\n".join(["Not safe for production:", *lines]))
    print("All settings are safe for production.")


def costly_endpoints(limits: LimitSettings) -> Iterator[str]:
    """Yield a line for each endpoint with a larger limit that anyone may call."""
    for endpoint in endpoints():
        size = endpoint.max_body_size or 0
        time = endpoint.options.deadline or 0
        if endpoint.is_public and (
            size > limits.max_body_size or time > limits.deadline
        ):
            yield f"Anyone may call, with larger limits: {endpoint}"


if __name__ == "__main__":
    main()
