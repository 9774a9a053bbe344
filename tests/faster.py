"""Copier does here hundreds of times what people do once: some of it is kept."""

import os
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from copier import _template, _vcs
from copier._main import Worker
from jinja2 import Environment
from plumbum import local

_compiled: dict[Any, Any] = {}
_clones: dict[tuple[str, str], str] = {}
_compile = Environment.compile


def make_copier_faster() -> None:
    """Leave out of this process what takes most of its time and decides nothing.

    The command does all of it, where tests type that.
    """
    # Half of the time of a rendering goes into compiling the same sources again.
    Environment.compile = compile_once  # type: ignore[assignment, method-assign]
    # A fifth of it would go into rendering this name, which is the same everywhere.
    Worker.answers_relpath = property(  # type: ignore[assignment, method-assign]
        lambda worker: Path(worker.answers_file or worker.template.answers_relpath)
    )
    # An update clones the template five times, wants examples of hooks in each of its
    # repositories, and asks git about each file whether modes count: as they do here.
    _template.clone = clone_once  # type: ignore[assignment, attr-defined]
    local.env["GIT_TEMPLATE_DIR"] = ""
    Worker._sync_git_index_executable_bit = lambda *_: None  # type: ignore[method-assign]  # noqa: SLF001


def compile_once(environment: Environment, source: Any, *where: Any) -> Any:  # noqa: ANN401
    """Compile a source as Jinja does, unless it was compiled with the same options."""
    options = (environment.trim_blocks, environment.keep_trailing_newline)
    # Of where it comes from only the name matters: every clone has another path.
    key = (options, source, where[:1])
    if key not in _compiled:
        _compiled[key] = _compile(environment, source, *where)
    return _compiled[key]


def clone_once(url: str, ref: str, location: str) -> str:
    """Clone a tag of a local repository as Copier does, and again by copying that."""
    if ref == "HEAD" or not Path(url).is_dir():
        return _vcs.clone(url, ref, location)
    if (url, ref) not in _clones:
        folder = mkdtemp(dir=os.environ["COPIER_FASTAPI_SHARED"])
        _clones[url, ref] = _vcs.clone(url, ref, folder)
    clone = _clones[url, ref]
    shutil.copytree(clone, location, dirs_exist_ok=True, copy_function=os.link)
    return location
