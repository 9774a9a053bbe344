"""``uv run poe check-production``: list insecure settings."""

from app.core.settings import insecure_settings
from app.settings import load_settings


def main() -> None:
    """Print a line for each insecure setting, and exit with 1 if there is any."""
    settings = load_settings()
    lines = insecure_settings(settings)
    if not settings.app.is_production:
        lines.insert(0, "APP_ENVIRONMENT: is not production")
    if lines:
        raise SystemExit("\n".join(["Not safe for production:", *lines]))
    print("All settings are safe for production.")


if __name__ == "__main__":
    main()
