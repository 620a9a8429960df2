"""Structured logs on stderr: lines for people on a terminal, JSON elsewhere. Bodies are never logged."""

import logging
import sys
import time
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from datetime import datetime
from typing import Any, TextIO, TypeAlias, cast

import structlog

Event: TypeAlias = MutableMapping[str, Any]
# A problem that lasts is logged again after this time, with the number of times it was left out.
REPEAT_SECONDS = 3600.0
MOST_PROBLEMS = 1_000
PROBLEMS = frozenset(("warning", "error", "critical"))


def configure_logs(level: str = "info") -> None:
    """Send structlog and the libraries' warnings to stderr."""
    threshold = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    logging.basicConfig(level=max(threshold, logging.WARNING), stream=sys.stderr, format="%(message)s", force=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            Once(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            line_for_people if sys.stderr.isatty() else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(file=cast("TextIO", LossyStream(sys.stderr))),
        cache_logger_on_first_use=False,
    )


class LossyStream:
    """A stream that loses what cannot be written: a full disk or a closed terminal must stop no request and no job."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, or lose the text."""
        with suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, or lose the text."""
        with suppress(OSError, ValueError):
            self._stream.flush()


class Once:
    """Drops a problem that was logged within the last hour; numbers beside ids do not make it another one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._logged: dict[tuple[object, ...], tuple[float, int]] = {}

    def __call__(self, _logger: Any, level: str, event: Event) -> Event:
        """Return the event, with `repeated` if others were dropped before it; raises DropEvent."""
        if level not in PROBLEMS:
            return event
        same = tuple(sorted((name, str(value)) for name, value in event.items() if _identifies(name, value)))
        logged_at, dropped = self._logged.get(same, (None, 0))
        if logged_at is not None and self._clock() - logged_at < REPEAT_SECONDS:
            self._logged[same] = (logged_at, dropped + 1)
            raise structlog.DropEvent
        if len(self._logged) >= MOST_PROBLEMS:
            self._logged.clear()
        self._logged[same] = (self._clock(), 0)
        if dropped:
            event["repeated"] = dropped
        return event


def line_for_people(_logger: Any, _name: str, event: Event) -> str:
    """Format an event as a line: `12:03:41 warning: process ended (process worker, status -9)`."""
    instant = datetime.fromisoformat(event.pop("timestamp")).astimezone()
    level, what = event.pop("level"), event.pop("event")
    trace = event.pop("exception", None)
    details = ", ".join(f"{_words(name)} {value}" for name, value in event.items() if value is not None)
    line = f"{instant:%H:%M:%S} {level}: {_words(what)}{f' ({details})' if details else ''}"
    return f"{line}\n{trace}" if trace else line


def _identifies(name: str, value: object) -> bool:
    return name.endswith("_id") or not isinstance(value, int | float) or isinstance(value, bool)


def _words(name: str) -> str:
    return str(name).replace("_", " ")
