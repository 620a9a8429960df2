"""Rules of their own for what a sum of spend hides: shares that shift, requests that grow, and silence. Pure.

Arrays hold one value a day, oldest first; the last day is the newest. A rule returns None where nothing is to be said.
"""

from typing import NamedTuple

import numpy as np

from workers.statistics.arrays import Real
from workers.statistics.usual_days import LEAST_WEEKS, WEEK, WORKDAYS

# A week is compared with the median of so many weeks before it.
WEEKS_BEFORE = 8
# Standard deviations of weekly values beyond which a week differs, and the smallest deviation taken as known.
ALARM = 4.0
LEAST_DEVIATION = 0.03
# Smaller shifts, in points of a share or as a part of a mean, are not reported.
LEAST_SHIFT = 0.1
ROUNDING = 1e-9
LEAST_GROWTH = 0.2
# Median absolute deviations of a normal distribution to its standard deviation.
NORMAL = 1.4826
# Silence is news after the activity of so many usual workdays did not come.
SILENT_WORKDAYS = 2.0


class Shift(NamedTuple):
    """A share or a mean in the last week, and the median of the weeks before."""

    before: float
    after: float


def reasoning_rises(reasoning: Real, output: Real) -> Shift | None:
    """Return that a larger share of output tokens is reasoning; `output` includes it."""
    return _share_shift(reasoning, output, rises=True)


def cache_share_falls(cache_read: Real, inputs: Real) -> Shift | None:
    """Return that a smaller share of input tokens comes from the cache; `inputs` includes it."""
    return _share_shift(cache_read, inputs, rises=False)


def linked_share_falls(linked: Real, tokens: Real) -> Shift | None:
    """Return that a smaller share of tokens is linked to pull requests by direct evidence.

    A fall within a week is news however much the share varies, because one setting or machine may be its cause.
    """
    if (shift := _share_shift(linked, tokens, rises=False)) is not None:
        return shift
    weekly = _weekly_ratios(linked, tokens).tolist()
    is_fall = len(weekly) > 1 and weekly[-2] - weekly[-1] >= LEAST_SHIFT - ROUNDING
    return Shift(weekly[-2], weekly[-1]) if is_fall else None


def input_grows(inputs: Real, requests: Real) -> Shift | None:
    """Return that requests of one prompt version have more input than in its first weeks, without a new version.

    Growth is silent because it is slow, so the last week is compared with the first weeks and not with the last ones.
    """
    weekly = _weekly_ratios(inputs, requests)
    if len(weekly) <= LEAST_WEEKS:
        return None
    first, last = np.log(weekly[:LEAST_WEEKS]), float(np.log(weekly[-1]))
    before = float(np.median(first))
    grown = last - before
    steps = np.diff(np.log(weekly))
    deviation = max(LEAST_DEVIATION, NORMAL * float(np.median(np.abs(steps))))
    if grown < np.log1p(LEAST_GROWTH) or grown < ALARM * deviation / np.sqrt(2):
        return None
    return Shift(float(np.exp(before)), float(np.exp(last)))


def days_silent(activity: Real) -> int | None:
    """Return for how many days something was not heard that is usually heard from; None while it may just be quiet.

    Weekends and other days on which little is usual count little.
    """
    heard = np.flatnonzero(activity > 0)
    if not len(heard) or len(activity) < LEAST_WEEKS * WEEK:
        return None
    silent = len(activity) - 1 - int(heard[-1])
    before = activity[: len(activity) - silent]
    weeks = min(WEEKS_BEFORE, len(before) // WEEK)
    if not silent or weeks < LEAST_WEEKS:
        return None
    usual = np.median(before[-weeks * WEEK :].reshape(weeks, WEEK), axis=0)
    missed = usual[np.arange(silent) % WEEK].sum()
    return silent if missed > 0 and missed >= SILENT_WORKDAYS * usual.sum() / WORKDAYS else None


def _share_shift(part: Real, whole: Real, *, rises: bool) -> Shift | None:
    weekly = _weekly_ratios(part, whole)[-WEEKS_BEFORE - 1 :]
    if len(weekly) <= LEAST_WEEKS:
        return None
    before, after = float(np.median(weekly[:-1])), float(weekly[-1])
    shift = after - before if rises else before - after
    deviation = max(LEAST_DEVIATION, NORMAL * float(np.median(np.abs(weekly[:-1] - before))))
    return Shift(before, after) if shift >= max(LEAST_SHIFT, ALARM * deviation) else None


def _weekly_ratios(part: Real, whole: Real) -> Real:
    """Return sums of a week over sums of a week, for weeks that end with the last day, without empty ones."""
    weeks = len(whole) // WEEK
    parts, wholes = (each[len(each) - weeks * WEEK :].reshape(weeks, WEEK).sum(axis=1) for each in (part, whole))
    used = wholes > 0
    ratios: Real = parts[used] / wholes[used]
    return ratios
