"""Durations as people write them in options: 30m, 1h, 90d, 2w."""

import re
from datetime import timedelta
from typing import Any

import click

_DURATION = re.compile(r"([1-9][0-9]{0,5})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Duration(click.ParamType[timedelta]):
    """A whole number of minutes, hours, days or weeks."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Parse a duration."""
        if isinstance(value, timedelta):
            return value
        match = _DURATION.fullmatch(str(value).strip())
        if match is None:
            self.fail(f"{value!r} must be a number and a unit, such as 30m, 1h, 90d or 2w", param, ctx)
        return timedelta(**{_UNITS[match[2]]: int(match[1])})


DURATION = Duration()
