"""Settings that are not safe in production."""

from ipaddress import ip_address

from app.core.settings.environment import EnvironmentSettings
from app.core.settings.group import Group

# Suffixes of host names that only resolve in private networks.
PRIVATE = (".internal", ".local", ".lan", ".svc", ".home.arpa", ".localhost")


def insecure_settings(settings: EnvironmentSettings) -> list[str]:
    """Return a line for each insecure setting of all groups; values are not shown."""
    values = (getattr(settings, name) for name in type(settings).model_fields)
    groups = (value for value in values if isinstance(value, Group))
    lines = (line for group in groups for line in group.insecure())
    return sorted([*lines, *settings.insecure()])


def refuse_insecure(settings: EnvironmentSettings) -> None:
    """End the process in production with a list of what is insecure."""
    if settings.app.is_production:
        lines = insecure_settings(settings)
        if lines:
            message = "The settings are not safe for production:"
            raise SystemExit("\n".join([message, *(f"  {line}" for line in lines)]))


def is_public(host: str | None) -> bool:
    """Tell whether a host may be reached over public networks."""
    name = (host or "").rstrip(".").lower()
    try:
        address = ip_address(name)
    except ValueError:
        return "." in name and not name.endswith(PRIVATE)
    return not (address.is_private or address.is_loopback)
