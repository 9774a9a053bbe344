"""The application: its settings, lifespan, middleware and factory."""

from app.core.application.factory import build_app
from app.core.application.lifespan import CoreState, open_core
from app.core.application.settings import CoreSettings

__all__ = [
    "CoreSettings",
    "CoreState",
    "build_app",
    "open_core",
]
