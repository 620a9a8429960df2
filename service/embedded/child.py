"""A process that the stack starts, and that ends with it, whichever way the stack itself ends."""

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
    """How to start a process and how to end it; `user` is a user id to run as, `log` takes what it says."""

    name: str
    command: Sequence[str]
    stop_signal: signal.Signals = signal.SIGTERM
    # Sent after `grace` seconds: a worker or a Redis may be killed at any point, PostgreSQL would rather quit at once.
    last_signal: signal.Signals = signal.SIGKILL
    grace: float = 5.0
    environment: Mapping[str, str] = field(default_factory=dict)
    user: tuple[int, int] | None = None
    log: Path | None = None
    inherited: Sequence[int] = ()


def start_child(plan: ChildPlan) -> subprocess.Popen[bytes]:
    """Start it in a session of its own, so that Ctrl-C reaches only the stack, which ends its children in order.

    What it says goes to its log, or else to standard error. Raises OSError when it cannot be started.
    """
    with contextlib.ExitStack() as files:
        output = files.enter_context(plan.log.open("ab")) if plan.log else STANDARD_ERROR
        user, group = plan.user or (None, None)
        return subprocess.Popen(  # noqa: S603 - our own command lines only
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
            preexec_fn=_end_with_parent(plan.stop_signal),  # noqa: PLW1509 - two system calls, nothing that could lock
        )


def stop_child(process: subprocess.Popen[bytes], plan: ChildPlan) -> None:
    """Ask it to end, wait, insist."""
    if process.poll() is not None:
        return
    process.send_signal(plan.stop_signal)
    try:
        process.wait(plan.grace)
    except subprocess.TimeoutExpired:
        process.send_signal(plan.last_signal)
        process.wait()


def _end_with_parent(signal_number: signal.Signals) -> Callable[[], None] | None:
    """On Linux the kernel signals the child when the stack is gone, even by kill -9.

    Elsewhere the next start ends what is left over.
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
