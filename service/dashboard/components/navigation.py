"""The pages of the dashboard, in groups, and which of them are there. Pure.

A new page sets its address here; without one, nothing links to it.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from service.auth.roles import Role
from service.dashboard.view.view import View


class PageEntry(NamedTuple):
    """A page: its icon (of `icons.html`), whether links keep period and team, and the role that it needs.

    `covers` are addresses that belong to it without being beneath it.
    """

    title: str
    address: str
    icon: str
    has_view: bool = True
    is_there: bool = True
    covers: tuple[str, ...] = ()
    role: Role = Role.VIEWER

    def holds(self, path: str) -> bool:
        """Return whether a path is the page, or belongs to it."""
        places = (self.address, *self.covers)
        return any(path == each or (each != "/" and path.startswith(f"{each}/")) for each in places)


class NavigationLink(NamedTuple):
    """A link of the navigation; `open` says how many things need a look."""

    title: str
    address: str
    icon: str
    is_current: bool
    open: int


COMPARED: Final = ("/compare/repository", "/compare/model", "/compare/workflow", "/teams")
PAGES: Final[Mapping[str, tuple[PageEntry, ...]]] = {
    "": (PageEntry("Overview", "/", "home"),),
    "Work": (
        PageEntry("Pull requests", "/pull-requests", "pull-request"),
        PageEntry("Releases", "/releases", "tag"),
        PageEntry("Compare", "/compare/team", "people", covers=COMPARED),
    ),
    "Money": (
        PageEntry("Spend", "/spend", "money"),
        PageEntry("Alerts", "/alerts", "bell", has_view=False),
    ),
    "Answers": (
        PageEntry("Does it ship more?", "/effect", "trend"),
        PageEntry("Benchmark", "/benchmark", "bars", is_there=False),
    ),
    "Trust": (
        PageEntry("Data quality", "/quality", "check"),
        PageEntry("Set-up", "/setup", "plug", has_view=False),
        PageEntry("GitHub", "/github", "plug", has_view=False, role=Role.ADMIN),
        PageEntry("Repairs", "/repairs", "wrench", has_view=False),
    ),
    "Reports": (PageEntry("Quarterly report", "/reports", "page", has_view=False, is_there=False),),
    "Organization": (PageEntry("Administration", "/administration", "gear", has_view=False, role=Role.AUDITOR),),
}

_PLACES: Final = frozenset(
    place for group in PAGES.values() for entry in group if entry.is_there for place in (entry.address, *entry.covers)
)
_BENEATH: Final = tuple(f"{place}/" for place in _PLACES if place != "/")


def is_there(path: str) -> bool:
    """Return whether a page can be linked to: it, or the list that it belongs to, is there."""
    whole = path.partition("?")[0].partition("#")[0]
    return whole in _PLACES or whole.startswith(_BENEATH)


def build_navigation(
    current: str, view: View | None, counts: Mapping[str, int], role: Role = Role.OWNER
) -> list[tuple[str, list[NavigationLink]]]:
    """Return the groups of links to pages that the role opens; `counts` is by address."""
    groups = []
    for name, entries in PAGES.items():
        links = [
            NavigationLink(
                entry.title,
                view.carry(entry.address) if view and entry.has_view else entry.address,
                entry.icon,
                is_current=entry.holds(current),
                open=counts.get(entry.address, 0),
            )
            for entry in entries
            if entry.is_there and role.includes(entry.role)
        ]
        if links:
            groups.append((name, links))
    return groups
