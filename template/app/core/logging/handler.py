"""A handler of logs that makes nobody wait, whatever becomes of the lines."""

import logging
import os
import time
from queue import Empty, SimpleQueue
from threading import Event, Thread

from app.core.logging.lines import Fields, Renderer, snapshot

CAPACITY = 5_000  # lines
BLOCK = 4096  # bytes; nobody else's lines get in between when they go into a pipe
REST = 0.1  # seconds; waking up costs more than writing, so let lines gather
RETRY = 0.05  # seconds
FLUSH_TIMEOUT = 1  # seconds
# What uvicorn says last. Then it ends itself by a signal, so nothing can run after it.
FINAL_LOG_MESSAGE = "Finished server process"


class BackgroundHandler(logging.Handler):
    """Leaves lines to a thread that writes them; drops and counts what is too much."""

    def __init__(self, fd: int, render: Renderer) -> None:
        super().__init__()
        self.fd = fd
        self._render = render
        self._dropped = 0
        self._pid = 0
        # Unlike Queue, it may be put to while it is being put to: a signal or the
        # garbage collector can interrupt at any time, and log something.
        self._queue: SimpleQueue[Fields | Event | None] = SimpleQueue()
        self._hurry = Event()

    def emit(self, record: logging.LogRecord) -> None:
        """Note what there is to write; raises nothing and never waits."""
        try:
            self._put(record)
        except Exception:  # noqa: BLE001
            self._dropped += 1

    def flush(self) -> None:
        """Wait until everything is written, but not for long."""
        if self._pid == os.getpid():
            written = Event()
            self._queue.put(written)
            self._hurry.set()
            written.wait(FLUSH_TIMEOUT)

    def close(self) -> None:
        """End the thread when it has written what there is; another line starts one."""
        self._queue.put(None)
        self._hurry.set()
        self._pid = 0
        super().close()

    def _put(self, record: logging.LogRecord) -> None:
        if self._pid != os.getpid():  # threads do not survive a fork
            self._start()
        if self._queue.qsize() >= CAPACITY:
            self._dropped += 1
            return
        fields = snapshot(record)
        if self._dropped:
            self._queue.put(_note("Lines that were dropped: %s", self._dropped))
            self._dropped = 0
        self._queue.put(fields)
        if fields["message"].startswith(FINAL_LOG_MESSAGE):
            self.flush()

    def _start(self) -> None:
        self._queue = SimpleQueue()
        self._hurry = Event()
        mine = self._queue, self._hurry  # the next thread has others
        Thread(target=self._run, args=mine, name="logs", daemon=True).start()
        self._pid = os.getpid()

    def _run(self, queue: SimpleQueue[Fields | Event | None], hurry: Event) -> None:
        while True:
            item = queue.get()
            hurry.wait(REST)
            block = b""
            while isinstance(item, dict):
                line = self._line(item)
                if len(block) + len(line) > BLOCK:
                    self._write(block)
                    block = b""
                block += line
                try:
                    item = queue.get_nowait()
                except Empty:
                    break
            self._write(block)
            if item is None:
                return
            if isinstance(item, Event):
                hurry.clear()
                item.set()

    def _line(self, fields: Fields) -> bytes:
        try:
            line = self._render(fields)
        except Exception as error:  # noqa: BLE001
            line = self._render(_note("A line was lost: %r", type(error)))
        return f"{line}\n".encode(errors="backslashreplace")

    def _write(self, block: bytes) -> None:
        while block:
            try:
                # sys.stdout has a lock, which nobody must hold when the process ends.
                block = block[os.write(self.fd, block) :]
            except BlockingIOError:
                time.sleep(RETRY)
            except OSError:  # nobody reads any more, and there is no place to say so
                return


def _note(message: str, *args: object) -> Fields:
    level = logging.WARNING
    record = logging.LogRecord(__name__, level, __file__, 0, message, args, None)
    return snapshot(record)
