"""The order of a comparison's rows. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from service.dashboard.compare.facts import Group
from service.dashboard.view.view import View

DEFAULT: Final = "spend"
# Costs rank by the low end of their interval: what each is at least.
KEYS: Final[Mapping[str, Callable[[Group], float]]] = {
    "spend": lambda group: group.spent,
    "merged": lambda group: group.merged.pull_requests,
    "cost": lambda group: group.least,
    "tokens": lambda group: group.tokens_each or 0,
    "linked": lambda group: group.evidence.share,
}
SORTS: Final = (*KEYS, "name")


def sort_of(view: View) -> str:
    """Return the column to sort by."""
    return view.value("sort") or DEFAULT


def in_order(groups: Sequence[Group], sort: str) -> list[Group]:
    """Return the groups, largest first, or by name."""
    by_name = sorted(groups, key=lambda group: group.name)
    return by_name if sort == "name" else sorted(by_name, key=KEYS[sort], reverse=True)
