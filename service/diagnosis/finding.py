"""The result of one check."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Whether a check found what is needed; `skipped` when an earlier failure leaves nothing to check."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw, and what to do about it unless all is well."""

    check: str
    state: State
    detail: str
    remedy: str = ""


def ok(check: str, detail: str) -> Finding:
    """All is well."""
    return Finding(check, State.OK, detail)


def missing(check: str, detail: str, remedy: str) -> Finding:
    """Nothing works without it."""
    return Finding(check, State.MISSING, detail, remedy)


def warning(check: str, detail: str, remedy: str) -> Finding:
    """It works, but less well than it could."""
    return Finding(check, State.WARNING, detail, remedy)


def skipped(check: str, needs: str) -> Finding:
    """Nothing to look at before something else is in place."""
    return Finding(check, State.SKIPPED, f"needs {needs}")
