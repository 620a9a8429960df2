"""What surrounds a page: navigation, when telemetry was last heard, and what is wrong with all figures. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from service.auth.roles import Role
from service.auth.viewer import Viewer
from service.dashboard.components.figures import Notice
from service.dashboard.components.navigation import NavigationLink, build_navigation
from service.dashboard.components.view_bar import ViewBar, build_view_bar
from service.dashboard.numbers.days import ago_text, full_day_text
from service.dashboard.view.view import View
from service.queries.upkeep.freshness import Freshness

# A weekend and a day are no silence.
SILENT = timedelta(days=4)


class Crumb(NamedTuple):
    """A page above this one."""

    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The values of the base template. `heard_mark` is on, warn (silent for days) or off (never heard).

    `bar` is None for pages without a period or filters. Who `may_change` settings is shown forms, others commands.
    """

    title: str
    organization: str
    home: str
    groups: list[tuple[str, list[NavigationLink]]]
    heard: str
    heard_mark: str
    notices: list[Notice]
    crumbs: Sequence[Crumb] = ()
    bar: ViewBar | None = None
    csrf_token: str = ""
    may_change: bool = False

    @property
    def is_silent(self) -> bool:
        """Whether something was heard once, and nothing for days."""
        return self.heard_mark == "warn"


def build_frame(
    title: str,
    path: str,
    freshness: Freshness,
    now: datetime,
    view: View | None,
    api: str = "",
    crumbs: Sequence[Crumb] = (),
    viewer: Viewer | None = None,
    own_team: str = "",
) -> Frame:
    """Build the frame of a page; `api` is the request that gives the same figures.

    Who came by a shared link gets no links to other pages, and who may see only `own_team` those that show it. Without
    a `viewer`, all links are there.
    """
    is_shared = viewer is not None and viewer.view is not None
    role = viewer.role if viewer else Role.OWNER
    counts = {"/alerts": freshness.open_alerts, "/spend": freshness.open_alerts}
    silent = silent_since(freshness, now)
    return Frame(
        title=title,
        organization=freshness.organization,
        home=view.carry("/") if view else "/",
        groups=[] if is_shared else build_navigation(path, view, counts, role, own_team),
        heard=heard_text(freshness, now),
        heard_mark="warn" if silent else "on" if freshness.last_day or freshness.heard_at else "off",
        notices=[_silence(silent, now)] if silent and view else [],
        crumbs=crumbs,
        bar=build_view_bar(view, freshness.teams, api) if view and not is_shared else None,
        csrf_token=viewer.csrf_token if viewer else "",
        may_change=viewer is not None and viewer.may(Role.ADMIN) and viewer.team_id is None,
    )


def heard_text(freshness: Freshness, now: datetime) -> str:
    """Return when telemetry was last heard: `Last heard 3 min ago`."""
    if freshness.heard_at is not None:
        return f"Last heard {ago_text(freshness.heard_at, now)}"
    if freshness.last_day is not None:
        return f"Last heard on {full_day_text(freshness.last_day)}"
    return "Nothing heard yet"


def silent_since(freshness: Freshness, now: datetime) -> date | None:
    """Return the last day with telemetry, if that is long ago; None without any, or if something is heard."""
    heard = freshness.heard_at.date() if freshness.heard_at else freshness.last_day
    return heard if heard is not None and now.date() - heard >= SILENT else None


def _silence(since: date, now: datetime) -> Notice:
    days = (now.date() - since).days
    return Notice(
        f"Nothing heard since {full_day_text(since)} ({days} days ago).",
        "Figures hold what arrived until then; later days are left blank, not counted as zero.",
        "/setup",
        "Check what stopped",
    )
