"""Processes left over from an earlier start, recorded by id and start time so that no other process is stopped."""

import contextlib
import json
import signal
from pathlib import Path

import psutil

from schema.errors import SetUpError
from service.embedded.data_folder import write_private

# The system clock may change between two readings of a start time.
SAME_START_SECONDS = 2.0
STOP_SECONDS = 20.0
# PostgreSQL disconnects all clients and shuts down cleanly on SIGINT; the others stop on SIGTERM.
STOP_SIGNALS = {"postgres": signal.SIGINT}


class ProcessRecord:
    """The file with the stack's processes: `{name: {pid, born}}`, where `born` is in seconds since 1970."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # What a full disk did not take.
        self._unwritten: dict[str, dict[str, float]] = {}

    def remember(self, name: str, pid: int) -> None:
        """Record a process that was just started; what a full disk does not take is left to `catch_up`."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self._unwritten[name] = {"pid": pid, "born": psutil.Process(pid).create_time()}
        self.catch_up()

    def catch_up(self) -> None:
        """Write what could not be written before."""
        if self._unwritten:
            with contextlib.suppress(OSError):
                self._write({**self._read(), **self._unwritten})
                self._unwritten = {}

    def forget_all(self) -> None:
        """Delete the record after everything was stopped."""
        self._unwritten = {}
        self._path.unlink(missing_ok=True)

    def end_left_over(self) -> None:
        """Stop processes of an earlier start; raises SetUpError if one does not stop."""
        for name, entry in self._read().items():
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(entry["pid"])
                if abs(process.create_time() - entry["born"]) <= SAME_START_SECONDS:
                    _stop(name, process)
        self.forget_all()

    def _read(self) -> dict[str, dict[str, float]]:
        try:
            entries: dict[str, dict[str, float]] = json.loads(self._path.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return entries

    def _write(self, entries: dict[str, dict[str, float]]) -> None:
        write_private(self._path, json.dumps(entries))


def _stop(name: str, process: psutil.Process) -> None:
    process.send_signal(STOP_SIGNALS.get(name, signal.SIGTERM))
    try:
        process.wait(STOP_SECONDS)
    except psutil.TimeoutExpired:
        raise SetUpError(f"process {process.pid} ({name}) of an earlier start does not stop; stop it first") from None
