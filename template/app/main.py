"""What servers import: ``uvicorn app.main:app``."""

import gc

# What is made here stays for ever. Looking through it for garbage would take a sixth of
# the start, and a tenth of each request.
gc.disable()

from app.core.logging import configure_logs  # noqa: E402
from app.factory import create_app  # noqa: E402
from app.settings import load_settings  # noqa: E402

settings = load_settings()
configure_logs(settings.log, settings.app)
app = create_app(settings)
app.openapi()  # requests are checked against it, and the first would wait
gc.freeze()
gc.enable()
