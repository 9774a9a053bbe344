"""What servers import: ``uvicorn app.main:app``."""

from app.core.settings import load_settings
from app.factory import create_app

app = create_app(load_settings())
