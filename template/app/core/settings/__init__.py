"""Settings: how they are read, grouped and checked."""

from app.core.settings.app import AppSettings
from app.core.settings.environment import EnvironmentSettings, load
from app.core.settings.group import Group, Required, comma_separated
from app.core.settings.optional import load_optional
from app.core.settings.production import insecure_settings, is_public, refuse_insecure
from app.core.settings.rate import Rate
from app.core.settings.secret_strength import looks_random

__all__ = [
    "AppSettings",
    "EnvironmentSettings",
    "Group",
    "Rate",
    "Required",
    "comma_separated",
    "insecure_settings",
    "is_public",
    "load",
    "load_optional",
    "looks_random",
    "refuse_insecure",
]
