"""What was measured, kept as JSON: the page can be written without measuring."""

import json
import os
import platform
from datetime import UTC, datetime
from typing import Any, TypeAlias

from tests.matrix import ROOT

FOLDER = ROOT / "benchmarks" / "figures"
# Before the service was made faster, and as it is.
NAMES = ("before", "now")

Figures: TypeAlias = dict[str, Any]


def load(name: str) -> Figures:
    """Return what was kept under a name, if there is something."""
    path = FOLDER / f"{name}.json"
    kept: Figures = json.loads(path.read_text()) if path.exists() else {}
    return kept


def save(name: str, kind: str, figures: Figures) -> None:
    """Keep figures of a kind, in place of those of the same variants."""
    FOLDER.mkdir(exist_ok=True)
    kept = load(name)
    kept[kind] = kept.get(kind, {}) | figures
    kept["about"] = about()
    # Three places behind the point are more than a measurement is good for.
    rounded = json.loads(json.dumps(kept), parse_float=lambda one: round(float(one), 3))
    text = json.dumps(rounded, indent=1)
    (FOLDER / f"{name}.json").write_text(f"{text}\n")


def about() -> dict[str, str]:
    """Return what one has to know to repeat it."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "python": platform.python_version(),
        "system": f"{platform.system()}, {os.cpu_count()} cores",
    }
