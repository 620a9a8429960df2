"""Supervision of the stack's processes: restart the ones that die, with increasing delays."""

import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from service.embedded.child import ChildPlan, start_child, stop_child
from service.embedded.left_over import ProcessRecord

logger = structlog.get_logger()

LOOK_SECONDS = 0.25
DELAYS = (0.2, 1.0, 2.0, 5.0, 10.0)
# While the disk is full: what ended is started again within a second of the room that returns.
FULL_DISK_DELAY = 1.0
# A process that ran this long restarts with the first delay again.
STABLE_SECONDS = 60.0


@dataclass(slots=True)
class _Watched:
    plan: ChildPlan
    process: subprocess.Popen[bytes]
    started: float
    ends: int = 0
    again_at: float | None = None


class Supervisor:
    """Starts children, watches them from a thread, and stops them in reverse order.

    A full disk, where `has_room` is false, ends no supervision: what ended is tried again, soon and at once when there
    is room.
    """

    def __init__(self, record: ProcessRecord, has_room: Callable[[], bool] = lambda: True) -> None:
        self._record = record
        self._has_room = has_room
        self._had_room = True
        self._children: list[_Watched] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._stopping = False
        # PR_SET_PDEATHSIG ends a child with the thread that started it, so this thread lives until all are stopped.
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def start(self, plan: ChildPlan) -> subprocess.Popen[bytes]:
        """Start a child; once `watch` was called, it is restarted whenever it ends."""
        process = start_child(plan)
        self._record.remember(plan.name, process.pid)
        self._children.append(_Watched(plan, process, time.monotonic()))
        return process

    def watch(self) -> None:
        """Start watching the children."""
        self._thread.start()

    def process(self, name: str) -> subprocess.Popen[bytes]:
        """Return a child's current process; raises KeyError if there is no such child."""
        with self._lock:
            return {child.plan.name: child.process for child in self._children}[name]

    def stop(self) -> None:
        """Stop all children, last started first."""
        with self._lock:
            self._stopping = True
        for child in reversed(self._children):
            stop_child(child.process, child.plan)
        self._children.clear()
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        self._record.forget_all()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            with self._lock:
                try:
                    self._look()
                except Exception as error:  # noqa: BLE001 - whatever fails, supervision goes on
                    logger.error("supervision_failed", error=type(error).__name__)  # noqa: TRY400 - as below

    def _look(self) -> None:
        if self._stopping:
            return
        had_room, self._had_room = self._had_room, self._has_room()
        if had_room and not self._had_room:
            logger.error("disk_full", remedy="free some space; what ends meanwhile is started again")
        self._record.catch_up()
        for child in self._children:
            if self._had_room and not had_room:
                # Ends on a full disk say nothing about the next start.
                child.ends = 0
                child.again_at = None if child.again_at is None else time.monotonic()
            self._check(child)

    def _check(self, child: _Watched) -> None:
        now = time.monotonic()
        if child.again_at is None and child.process.poll() is not None:
            child.ends = 1 if now - child.started > STABLE_SECONDS else child.ends + 1
            delay = DELAYS[min(child.ends, len(DELAYS)) - 1]
            if not self._had_room:
                delay = min(delay, FULL_DISK_DELAY)
            child.again_at = now + delay
            logger.warning(
                "process_ended",
                process=child.plan.name,
                status=child.process.returncode,
                restarts_in_seconds=delay,
            )
        elif child.again_at is not None and now >= child.again_at:
            self._start_again(child, now)

    def _start_again(self, child: _Watched, now: float) -> None:
        try:
            child.process, child.started, child.again_at = start_child(child.plan), now, None
        except (OSError, subprocess.SubprocessError) as error:
            child.again_at = now + (DELAYS[-1] if self._had_room else FULL_DISK_DELAY)
            logger.error("process_not_started", process=child.plan.name, error=type(error).__name__)  # noqa: TRY400 - an expected failure; a traceback would not help
        else:
            self._record.remember(child.plan.name, child.process.pid)
