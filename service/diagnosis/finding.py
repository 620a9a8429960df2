"""The result of one check."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """The outcome of a check; `skipped` if an earlier failure made it impossible."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check; `remedy` says what to do and is empty for `ok` and `skipped`."""

    check: str
    state: State
    detail: str
    remedy: str = ""


def ok(check: str, detail: str) -> Finding:
    """Report that the check passed."""
    return Finding(check, State.OK, detail)


def missing(check: str, detail: str, remedy: str) -> Finding:
    """Report that something essential is missing."""
    return Finding(check, State.MISSING, detail, remedy)


def warning(check: str, detail: str, remedy: str) -> Finding:
    """Report something that works, but not as well as it could."""
    return Finding(check, State.WARNING, detail, remedy)


def skipped(check: str, needs: str) -> Finding:
    """Report that the check must wait until `needs` is fixed."""
    return Finding(check, State.SKIPPED, f"needs {needs}")
