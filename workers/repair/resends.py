"""Which of GitLab's failed deliveries may be asked for now, within its limit: pure.

GitLab sends again at most five a minute for a project or group, all its hooks together, and counts each that fails
towards switching the hook off.
https://docs.gitlab.com/administration/settings/rate_limit_on_webhook_operations/
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from workers.repair.deliveries import Missed, hook_of

# How long GitLab lists what it tried.
LISTED = timedelta(days=7)

LIMIT_SPAN = timedelta(minutes=1)

# After so many failures in a row GitLab stops calling a hook for a while, and keeps no list of what it did not send.
GIVES_UP_AFTER = 4


@dataclass(frozen=True, slots=True)
class Chosen:
    """Those to ask for now, and whether the limit leaves others for later."""

    now: list[Missed]
    is_limited: bool


def choose(
    due: Iterable[Missed],
    owners: Mapping[str, str],
    asked: Iterable[tuple[str, datetime]],
    now: datetime,
    limit: int,
) -> Chosen:
    """The least asked for first; a limit of 0 is none.

    `owners` are the projects and groups of hooks, `asked` references and when they were asked for.
    """
    used = Counter(
        owners[hook_of(reference)] for reference, at in asked if at + LIMIT_SPAN > now and hook_of(reference) in owners
    )
    chosen: list[Missed] = []
    is_limited = False
    for each in sorted(due, key=lambda each: each.requests):
        owner = owners[hook_of(each.reference)]
        if limit and used[owner] >= limit:
            is_limited = True
            continue
        used[owner] += 1
        chosen.append(each)
    return Chosen(chosen, is_limited)


def may_have_been_switched_off(missing: Collection[Missed], known: Collection[str]) -> bool:
    """Whether a hook failed so often since the last look that GitLab may have sent nothing for a while."""
    failures = Counter(hook_of(each.reference) for each in missing if each.reference not in known)
    return any(count >= GIVES_UP_AFTER for count in failures.values())
