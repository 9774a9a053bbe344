"""The ASGI application: ``uvicorn app.main:app``."""

import gc

# Objects created during import live as long as the process. Scanning them for garbage
# would take a sixth of startup, and a tenth of each request.
gc.disable()

from app.core.logging import configure_logs  # noqa: E402
from app.factory import create_app  # noqa: E402
from app.settings import load_settings  # noqa: E402

settings = load_settings()
configure_logs(settings.log, settings.app)
app = create_app(settings)
app.openapi()  # requests are validated against it; the first would wait
gc.freeze()
gc.enable()
