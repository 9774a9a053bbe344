"""Copier's commands as the tests run them hundreds of times: with shortcuts.

``run_copy``, ``run_update`` and ``run_recopy`` are those of ``copier``. While they run,
functions of Copier and Jinja are replaced that take three quarters of the time and
decide nothing; ``SHORTCUTS`` lists them. No other module relies on internals of Copier.

If a new version of Copier has other internals, the first call fails and names what is
missing. Without its line in ``SHORTCUTS`` the tests take longer and prove the same.
``tests/test_faster.py`` compares the projects with those that Copier makes by itself.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from unittest import mock

import copier
from copier import _template, _vcs
from copier._main import Worker
from jinja2 import Environment
from plumbum import local

_compiled: dict[Any, Any] = {}
_clones: dict[tuple[str, str], str] = {}
_compile = Environment.compile


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
    shared = os.environ.get("COPIER_FASTAPI_SHARED")  # set while tests run
    if ref == "HEAD" or not Path(url).is_dir() or shared is None:
        return _vcs.clone(url, ref, location)
    if (url, ref) not in _clones:
        folder = mkdtemp(dir=shared)
        _clones[url, ref] = _vcs.clone(url, ref, folder)
    clone = _clones[url, ref]
    shutil.copytree(clone, location, dirs_exist_ok=True, copy_function=os.link)
    return location


def answers_file(worker: Worker) -> Path:
    """Return the name of the answers file, which is no template here."""
    return Path(worker.answers_file or worker.template.answers_relpath)


# Where, what, and what takes its place.
SHORTCUTS = (
    # Half of the time of a rendering goes into compiling the same sources again.
    (Environment, "compile", compile_once),
    # A fifth of it would go into rendering this name for each part of each path.
    (Worker, "answers_relpath", property(answers_file)),
    # An update clones the template five times.
    (_template, "clone", clone_once),
    # It asks git about each file whether modes count: as they do here.
    (Worker, "_sync_git_index_executable_bit", lambda *_: None),
)


@contextmanager
def shortcuts() -> Iterator[None]:
    """Take the shortcuts; repositories get no examples of hooks, either."""
    with ExitStack() as stack, local.env(GIT_TEMPLATE_DIR=""):
        for owner, name, replacement in SHORTCUTS:
            stack.enter_context(mock.patch.object(owner, name, replacement))
        yield


run_copy = shortcuts()(copier.run_copy)
run_update = shortcuts()(copier.run_update)
run_recopy = shortcuts()(copier.run_recopy)
