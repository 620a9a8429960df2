"""Child processes of the stack, which end with it even if the stack is killed."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
STANDARD_ERROR = 2


@dataclass(frozen=True, slots=True)
class ChildPlan:
    """How to start and stop a process; `user` is the user and group id to run as, `log` the file for its output."""

    name: str
    command: Sequence[str]
    stop_signal: signal.Signals = signal.SIGTERM
    # Sent after `grace` seconds. Workers and Redis may be killed at any point; PostgreSQL gets SIGQUIT instead.
    last_signal: signal.Signals = signal.SIGKILL
    grace: float = 5.0
    environment: Mapping[str, str] = field(default_factory=dict)
    user: tuple[int, int] | None = None
    log: Path | None = None
    inherited: Sequence[int] = ()


def start_child(plan: ChildPlan) -> subprocess.Popen[bytes]:
    """Start the process in its own session, so that Ctrl-C only reaches the stack, which stops its children in order.

    Output goes to the log, or else to standard error. Raises OSError if the process cannot be started.
    """
    with contextlib.ExitStack() as files:
        output = files.enter_context(plan.log.open("ab")) if plan.log else STANDARD_ERROR
        user, group = plan.user or (None, None)
        return subprocess.Popen(  # noqa: S603 - only our own command lines
            plan.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env={**os.environ, **plan.environment},
            start_new_session=True,
            user=user,
            group=group,
            extra_groups=() if plan.user else None,
            pass_fds=plan.inherited,
            preexec_fn=_end_with_parent(plan.stop_signal),  # noqa: PLW1509 - two system calls that cannot deadlock
        )


def stop_child(process: subprocess.Popen[bytes], plan: ChildPlan) -> None:
    """Send the stop signal, wait for `grace` seconds, then send the last signal."""
    if process.poll() is not None:
        return
    process.send_signal(plan.stop_signal)
    try:
        process.wait(plan.grace)
    except subprocess.TimeoutExpired:
        process.send_signal(plan.last_signal)
        process.wait()


def _end_with_parent(signal_number: signal.Signals) -> Callable[[], None] | None:
    """Return a hook that makes the Linux kernel signal the child when the stack dies, even by kill -9.

    On other systems the next start stops processes that were left over.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def in_child() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(signal_number))
        if os.getppid() != parent:
            os._exit(1)

    return in_child
