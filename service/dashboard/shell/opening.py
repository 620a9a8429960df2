"""Opening a page: who is signed in, what the address asks for, and the answer as HTML, CSV or JSON."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

import msgspec
from litestar import Request, Response

from schema.database import Database, Tenant
from schema.settings import Settings
from service.api.ledger.changed_teams import read_team_changes
from service.api.ledger.team_changes import TeamChange
from service.auth.roles import Role
from service.auth.viewer import Viewer, require_viewer
from service.connections.public_address import public_base
from service.dashboard.components.figures import Export
from service.dashboard.components.navigation import is_there
from service.dashboard.shell.answers import HEADERS, render
from service.dashboard.shell.frame import Crumb, Frame, build_frame
from service.dashboard.shell.limits import limit_to_team
from service.dashboard.shell.recent import MANY_TEAMS, RecentReads
from service.dashboard.view.view import CHOICES, View, read_view
from service.exports.csv_lines import csv_lines
from service.queries.ledger.calibrations import TeamCalibrations
from service.queries.spend.runs import DAY, Span
from service.queries.teams.comparisons import Thresholds
from service.queries.teams.teams import find_team
from service.queries.upkeep.freshness import Freshness, read_freshness

Found = TypeVar("Found")

PageRequest = Request[Any, Any, Any]
SUFFIXES = (".csv", ".json")


class HasExport(Protocol):
    """A page with a table for CSV and JSON."""

    @property
    def export(self) -> Export:
        """The main table."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open page: the organization's data, the view, and what was read for the frame."""

    tenant: Tenant
    view: View
    team_id: int | None
    thresholds: Thresholds
    freshness: Freshness
    now: datetime
    suffix: str
    url: str
    calibrations: Mapping[int, TeamCalibrations] = field(default_factory=dict)
    recent: RecentReads = field(default_factory=RecentReads)
    viewer: Viewer | None = None

    async def recall(self, name: str, read: Callable[[], Awaitable[Found]]) -> Found:
        """Read something about this period and team; of many teams, what was read within the last minute is used."""
        if len(self.freshness.teams) < MANY_TEAMS:
            return await read()
        period = self.view.period
        question = (self.tenant.organization_id, name, period.span, period.before, self.team_id, self.view.price)
        return await self.recent.read((*question, self.thresholds), read)

    async def read_changes(self) -> list[TeamChange]:
        """Return why spend changed, by team, as the API does: the largest change first, small teams together.

        Without a period to compare with, that of as many days before.
        """
        return await self.recall("changes", self._read_changes)

    async def _read_changes(self) -> list[TeamChange]:
        period = self.view.period
        before = period.before or Span(period.span.first - timedelta(days=period.days), period.span.first - DAY)
        return await read_team_changes(self.tenant, before, period.span, self.team_id, self.thresholds)

    def frame(self, title: str, api: str = "", crumbs: Sequence[Crumb] = ()) -> Frame:
        """Return the frame; `api` is the request that gives the same figures, `crumbs` are the pages above."""
        view = self.view if self.view.allowed else None
        own_team = self.view.own_team
        return build_frame(title, self.view.path, self.freshness, self.now, view, api, crumbs, self.viewer, own_team)

    def answer(self, template: str, frame: Frame, page: HasExport) -> Response[Any]:
        """Return the page, or its table if the address ends in `.csv` or `.json`."""
        if self.suffix == ".csv":
            return as_csv(page.export)
        if self.suffix == ".json":
            return as_json(page.export)
        return self.show(template, frame, page)

    def show(self, template: str, frame: Frame, page: object) -> Response[Any]:
        """Return a page that has no table."""
        return render(template, frame=frame, page=page, view=self.view, is_there=self.opens)

    @property
    def only_team(self) -> int | None:
        """The team of a viewer who may see no other; None for who may see all."""
        return self.viewer.team_id if self.viewer else None

    def is_shown(self, team_id: int | None) -> bool:
        """Return whether the viewer may see what belongs to a team."""
        return self.only_team in {None, team_id}

    def opens(self, path: str) -> bool:
        """Return whether the viewer can open the page at an address of the dashboard."""
        role = self.viewer.role if self.viewer else Role.OWNER
        return is_there(path, role, is_limited=self.only_team is not None)


def addresses(path: str) -> list[str]:
    """Return the addresses of a page and of its table, for a route.

    A parameter at the end of a path holds the suffix itself; remove it by `without_suffix`.
    """
    if path.endswith("}"):
        return [path]
    return [path, *(f"{'/overview' if path == '/' else path}{suffix}" for suffix in SUFFIXES)]


def without_suffix(text: str) -> str:
    """Return the end of an address without `.csv` or `.json`."""
    return text.removesuffix(suffix_of(text))


def suffix_of(text: str) -> str:
    """Return `.csv` or `.json` if an address ends so."""
    return next((each for each in SUFFIXES if text.endswith(each)), "")


@asynccontextmanager
async def open_page(
    request: PageRequest,
    settings: Settings,
    database: Database,
    allowed: Sequence[str] = (),
    path: str | None = None,
    *,
    choices: Mapping[str, Sequence[str]] = CHOICES,
    kept: Sequence[str] = (),
    with_calibrations: bool = False,
    role: Role = Role.VIEWER,
    limits_to_team: bool = False,
) -> AsyncIterator[Opened]:
    """Open a page that takes `allowed` parameters; `path` is its address, by default that of the request.

    `choices` are the values of `sort` and the like. What is `kept` changes nothing on the page, but its links to other
    pages have it. Pages that show intervals need the calibrations of teams. Who may see one team only opens pages with
    `limits_to_team`, as with the parameter `team` of that team.

    Raises UnauthorizedError, ForbiddenError if the viewer may not see it, BadInputError for what the address cannot
    ask, and NotFoundError for an unknown team.
    """
    viewer = require_viewer(request, role, limits_to_team=limits_to_team)
    asked = str(request.scope["path"])
    suffix = suffix_of(asked)
    query = request.query_params.multi_items()
    view = read_view(path or asked.removesuffix(suffix), query, allowed, datetime.now(UTC).date(), choices, kept)
    async with open_view(
        request, settings, database, viewer, view, suffix, with_calibrations=with_calibrations
    ) as opened:
        yield opened


@asynccontextmanager
async def open_view(
    request: PageRequest,
    settings: Settings,
    database: Database,
    viewer: Viewer,
    view: View,
    suffix: str = "",
    *,
    with_calibrations: bool = False,
) -> AsyncIterator[Opened]:
    """Open a view for a viewer who may see it; of a viewer who may see one team only, with that team.

    Raises BadInputError and NotFoundError as `open_page` does.
    """
    now = datetime.now(UTC)
    reads = request.app.state.reads
    calibrations = await reads.calibrations.of(viewer.organization_id) if with_calibrations else {}
    async with database.organization(viewer.organization_id) as tenant:
        freshness = await read_freshness(tenant)
        if viewer.team_id is not None:
            view, freshness = await limit_to_team(tenant, viewer.team_id, view, freshness)
        team_id = viewer.team_id
        if team_id is None and view.team:
            team_id = await find_team(tenant, view.team)
        url, recent = public_base(request, settings), request.app.state.recent_reads
        yield Opened(tenant, view, team_id, reads.thresholds, freshness, now, suffix, url, calibrations, recent, viewer)


def as_csv(export: Export) -> Response[bytes]:
    """Return a table as CSV."""
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{export.name}.csv"'}
    return Response(csv_lines([export.columns, *export.rows]), media_type="text/csv; charset=utf-8", headers=headers)


def as_json(export: Export) -> Response[bytes]:
    """Return a table as JSON: `{"items": [...]}`."""
    items = [dict(zip(export.columns, row, strict=True)) for row in export.rows]
    return Response(msgspec.json.encode({"items": items}), media_type="application/json", headers=dict(HEADERS))
