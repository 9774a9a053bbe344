"""Tests, through HTTP and on real servers."""

import gc
import sys

# As in app/main.py, until all tests are imported; not in processes that tests start.
if "pytest" in sys.modules:
    gc.disable()
