"""The pages of the dashboard, in groups, and which of them are there. Pure.

A new page sets its address here; without one, nothing links to it.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, NamedTuple

from service.auth.roles import Role
from service.dashboard.view.view import View, path_text


class PageEntry(NamedTuple):
    """A page: its icon (of `icons.html`), whether links keep period and team, and the role that it needs.

    `covers` are addresses that belong to it without being beneath it. What does not show a team by itself is not for
    those who may see one team only.
    """

    title: str
    address: str
    icon: str
    has_view: bool = True
    is_there: bool = True
    covers: tuple[str, ...] = ()
    role: Role = Role.VIEWER
    shows_team: bool = True

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
# What who may see one team only opens instead of the comparison of teams.
OWN_TEAM: Final = PageEntry("Team", "/teams", "people")
OWN_PARTS: Final = PageEntry("Compare", "/compare/repository", "bars", covers=("/compare/model", "/compare/workflow"))
PAGES: Final[Mapping[str, tuple[PageEntry, ...]]] = {
    "": (PageEntry("Overview", "/", "home"),),
    "Work": (
        PageEntry("Pull requests", "/pull-requests", "pull-request"),
        PageEntry("Releases", "/releases", "tag"),
        PageEntry("Compare", "/compare/team", "people", covers=COMPARED, shows_team=False),
    ),
    "Money": (
        PageEntry("Spend", "/spend", "money"),
        PageEntry("Alerts", "/alerts", "bell", has_view=False),
    ),
    "Answers": (
        PageEntry("Does it ship more?", "/effect", "trend"),
        PageEntry("Benchmark", "/benchmark", "bars"),
    ),
    "Trust": (
        PageEntry("Data quality", "/quality", "check"),
        PageEntry("Set-up", "/setup", "plug", has_view=False, shows_team=False),
        PageEntry("GitHub", "/github", "plug", has_view=False, role=Role.ADMIN, shows_team=False),
        PageEntry("Repairs", "/repairs", "wrench", has_view=False, shows_team=False),
    ),
    "Reports": (PageEntry("Quarterly report", "/reports", "page", has_view=False, is_there=False),),
    "Organization": (
        PageEntry("Administration", "/administration", "gear", has_view=False, role=Role.AUDITOR, shows_team=False),
    ),
}


def is_there(path: str, role: Role = Role.OWNER, *, is_limited: bool = False) -> bool:
    """Return whether a role opens a page, or the list that it belongs to; `is_limited` is who may see one team only."""
    whole = path.partition("?")[0].partition("#")[0]
    places, beneath = _places(role, is_limited=is_limited)
    return whole in places or whole.startswith(beneath)


def build_navigation(
    current: str, view: View | None, counts: Mapping[str, int], role: Role = Role.OWNER, own_team: str = ""
) -> list[tuple[str, list[NavigationLink]]]:
    """Return the groups of links to pages that the role opens; `counts` is by address.

    Who may see one team only gets the pages of `own_team`.
    """
    groups = []
    for name in PAGES:
        links = [
            NavigationLink(
                entry.title,
                _address(entry, view, own_team),
                entry.icon,
                is_current=entry.holds(current),
                open=counts.get(entry.address, 0),
            )
            for entry in _entries(name, role, is_limited=bool(own_team))
        ]
        if links:
            groups.append((name, links))
    return groups


@cache
def _places(role: Role, *, is_limited: bool) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the addresses that a role opens, and the beginnings of those beneath them; pages ask often."""
    entries = [entry for name in PAGES for entry in _entries(name, role, is_limited=is_limited)]
    places = frozenset(place for entry in entries for place in (entry.address, *entry.covers))
    return places, tuple(f"{place}/" for place in places if place != "/")


def _entries(group: str, role: Role, *, is_limited: bool) -> Iterator[PageEntry]:
    for entry in PAGES[group]:
        if not entry.is_there or not role.includes(entry.role):
            continue
        if entry.shows_team or not is_limited:
            yield entry
        elif entry.holds(OWN_TEAM.address):
            yield from (OWN_TEAM, OWN_PARTS)


def _address(entry: PageEntry, view: View | None, own_team: str) -> str:
    if entry is OWN_TEAM:
        path = f"{entry.address}/{path_text(own_team)}"
        return view.carry(path, team="") if view else path
    return view.carry(entry.address) if view and entry.has_view else entry.address
