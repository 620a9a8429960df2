"""Chooses which of GitLab's failed deliveries to request now, within its rate limit. Pure.

GitLab resends at most five per minute for a project or group, all its hooks together, and counts each failed one
towards disabling the hook.
https://docs.gitlab.com/administration/settings/rate_limit_on_webhook_operations/
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from workers.repair.deliveries import Missed, hook_of

# How long GitLab lists attempts.
LISTED = timedelta(days=7)

LIMIT_SPAN = timedelta(minutes=1)

# After this many failures in a row GitLab disables a hook for a while, and does not list what it did not send.
GIVES_UP_AFTER = 4


@dataclass(frozen=True, slots=True)
class Chosen:
    """Deliveries to request now, and whether the rate limit leaves others for later."""

    now: list[Missed]
    is_limited: bool


def choose(
    due: Iterable[Missed],
    owners: Mapping[str, str],
    requested: Iterable[tuple[str, datetime]],
    now: datetime,
    limit: int,
) -> Chosen:
    """Choose the least requested deliveries first; a limit of 0 means no limit.

    `owners` maps hooks to projects and groups; `requested` are references and the times of their requests.
    """
    used = Counter(
        owners[hook_of(reference)]
        for reference, at in requested
        if at + LIMIT_SPAN > now and hook_of(reference) in owners
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
    """Return whether a hook failed so often since the last check that GitLab may have disabled it for a while."""
    failures = Counter(hook_of(each.reference) for each in missing if each.reference not in known)
    return any(count >= GIVES_UP_AFTER for count in failures.values())
