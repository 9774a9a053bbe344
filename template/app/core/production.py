"""What must not be in the settings of a service that strangers can reach."""

from collections.abc import Iterator

from app.core.settings import Settings

GUESSED_PASSWORDS = {"admin", "changeme", "password", "postgres", "secret"}
LONGEST_ACCESS = 3600  # seconds
SHORTEST_PASSWORD = 8  # characters: NIST SP 800-63B
LEAST_HASH_MEMORY = 19 * 1024  # KiB: OWASP's password storage cheat sheet
LEAST_HASH_ITERATIONS = 2


def insecure_settings(settings: Settings) -> list[str]:
    """Return what is insecure, in a line each; values are not shown."""
    return sorted([*_database(settings), *_auth(settings), *_email(settings)])


def refuse_insecure(settings: Settings) -> None:
    """End the process in production with a list of what is insecure."""
    if settings.app.environment == "production":
        lines = insecure_settings(settings)
        if lines:
            message = "The settings are not safe for production:"
            raise SystemExit("\n".join([message, *(f"  {line}" for line in lines)]))


def _database(settings: Settings) -> Iterator[str]:
    url = settings.database.url
    if url.password and (
        url.password == url.username or url.password in GUESSED_PASSWORDS
    ):
        yield "DATABASE_URL: its password is among the first that are tried"


def _auth(settings: Settings) -> Iterator[str]:
    auth = settings.auth
    if auth.access_ttl > LONGEST_ACCESS:
        yield f"AUTH_ACCESS_TTL: is more than {LONGEST_ACCESS} seconds"
    if auth.password_min_length < SHORTEST_PASSWORD:
        yield f"AUTH_PASSWORD_MIN_LENGTH: is less than {SHORTEST_PASSWORD}"
    if auth.hash_memory < LEAST_HASH_MEMORY:
        yield f"AUTH_HASH_MEMORY: is less than {LEAST_HASH_MEMORY} KiB"
    if auth.hash_iterations < LEAST_HASH_ITERATIONS:
        yield f"AUTH_HASH_ITERATIONS: is less than {LEAST_HASH_ITERATIONS}"


def _email(settings: Settings) -> Iterator[str]:
    email = settings.email
    if email.backend == "console":
        yield "EMAIL_BACKEND: prints secret links; set it to smtp"
    elif email.encryption == "none":
        yield "EMAIL_ENCRYPTION: sends secret links in the clear"
    if not email.link_url.startswith("https://"):
        yield "EMAIL_LINK_URL: is not an https:// address"
