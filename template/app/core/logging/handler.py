"""A non-blocking log handler with a bounded queue."""

import logging
import os
import time
from queue import Empty, SimpleQueue
from threading import Event, Thread

from app.core.logging.lines import Fields, Renderer, snapshot

CAPACITY = 5_000  # lines
BLOCK = 4096  # bytes that are written to a pipe atomically
REST = 0.1  # seconds between writes, because waking the thread costs more than a write
RETRY = 0.05  # seconds
FLUSH_TIMEOUT = 1  # seconds
# Uvicorn's last message. Then uvicorn ends itself by a signal, and no code runs.
FINAL_LOG_MESSAGE = "Finished server process"


class BackgroundHandler(logging.Handler):
    """Writes records in a thread; drops and counts records when the queue is full."""

    def __init__(self, fd: int, render: Renderer) -> None:
        super().__init__()
        self.fd = fd
        self._render = render
        self._dropped = 0
        self._pid = 0
        # Unlike Queue, its put() is reentrant: a signal handler or the garbage
        # collector may log at any time, also during another put().
        self._queue: SimpleQueue[Fields | Event | None] = SimpleQueue()
        self._hurry = Event()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a record; never blocks and never raises."""
        try:
            self._put(record)
        except Exception:  # noqa: BLE001
            self._dropped += 1

    def flush(self) -> None:
        """Wait until all records are written, with a timeout."""
        if self._pid == os.getpid():
            written = Event()
            self._queue.put(written)
            self._hurry.set()
            written.wait(FLUSH_TIMEOUT)

    def close(self) -> None:
        """End the thread once the queue is written; a new record starts another."""
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
        mine = self._queue, self._hurry  # each thread has its own
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
                # sys.stdout has a lock, which must not be held when the process ends.
                block = block[os.write(self.fd, block) :]
            except BlockingIOError:
                time.sleep(RETRY)
            except OSError:  # the reader is gone, and there is nowhere to report it
                return


def _note(message: str, *args: object) -> Fields:
    level = logging.WARNING
    record = logging.LogRecord(__name__, level, __file__, 0, message, args, None)
    return snapshot(record)
