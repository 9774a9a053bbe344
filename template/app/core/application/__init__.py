"""The application: its settings, lifespan, middleware and factory."""

from app.core.application.build import build_app
from app.core.application.resources import CoreState, open_core
from app.core.application.settings import CoreSettings

__all__ = [
    "CoreSettings",
    "CoreState",
    "build_app",
    "open_core",
]
