"""What servers import: ``uvicorn app.main:app``."""

import gc

from app.core.logs import configure_logs
from app.core.settings import load_settings
from app.factory import create_app

settings = load_settings()
configure_logs(settings)
app = create_app(settings)
app.openapi()  # requests are checked against it, and the first would wait
# All of this stays for ever: looking through it for garbage takes a tenth of a request.
gc.collect()
gc.freeze()
