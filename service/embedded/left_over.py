"""Processes of an earlier start that was killed: remembered by id and birth, so that only our own are ever ended."""

import contextlib
import json
import signal
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it comes without types

from schema.errors import SetUpError
from service.embedded.data_folder import write_private

# The clock may be set between two readings of a process' birth.
SAME_BIRTH_SECONDS = 2.0
PATIENCE_SECONDS = 20.0
# PostgreSQL takes SIGINT as "disconnect everyone and shut down cleanly"; the others end on SIGTERM.
END = {"postgres": signal.SIGINT}


class ProcessRecord:
    """The file that remembers the stack's processes: `{name: {pid, born}}`, born in seconds since 1970."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def remember(self, name: str, pid: int) -> None:
        """Note a process that was just started."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self._write({**self._read(), name: {"pid": pid, "born": psutil.Process(pid).create_time()}})

    def forget_all(self) -> None:
        """Everything was stopped."""
        self._path.unlink(missing_ok=True)

    def end_left_over(self) -> None:
        """End what an earlier start left running; raises SetUpError when something does not end."""
        for name, noted in self._read().items():
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(noted["pid"])
                if abs(process.create_time() - noted["born"]) <= SAME_BIRTH_SECONDS:
                    _end(name, process)
        self.forget_all()

    def _read(self) -> dict[str, dict[str, float]]:
        try:
            noted: dict[str, dict[str, float]] = json.loads(self._path.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return noted

    def _write(self, noted: dict[str, dict[str, float]]) -> None:
        write_private(self._path, json.dumps(noted))


def _end(name: str, process: psutil.Process) -> None:
    process.send_signal(END.get(name, signal.SIGTERM))
    try:
        process.wait(PATIENCE_SECONDS)
    except psutil.TimeoutExpired:
        raise SetUpError(f"process {process.pid} ({name}) of an earlier start does not stop; stop it first") from None
