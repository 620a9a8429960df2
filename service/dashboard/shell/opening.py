"""Opening a page: who is signed in, what the address asks for, and the answer as HTML, CSV or JSON."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec
from litestar import Request, Response

from schema.database import Database, Tenant
from schema.settings import Settings
from service.auth.session import signed_in_organization
from service.dashboard.components.figures import Export
from service.dashboard.shell.answers import HEADERS, render
from service.dashboard.shell.frame import Crumb, Frame, build_frame
from service.dashboard.view.view import CHOICES, View, read_view
from service.errors import UnauthorizedError
from service.exports.csv_lines import csv_lines
from service.queries.ledger.calibrations import TeamCalibrations
from service.queries.teams.comparisons import Thresholds
from service.queries.teams.teams import find_team
from service.queries.upkeep.freshness import Freshness, read_freshness

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

    def frame(self, title: str, api: str = "", crumbs: Sequence[Crumb] = ()) -> Frame:
        """Return the frame; `api` is the request that gives the same figures, `crumbs` are the pages above."""
        view = self.view if self.view.allowed else None
        return build_frame(title, self.view.path, self.freshness, self.now, view, api, crumbs)

    def answer(self, template: str, frame: Frame, page: HasExport) -> Response[Any]:
        """Return the page, or its table if the address ends in `.csv` or `.json`."""
        if self.suffix == ".csv":
            return as_csv(page.export)
        if self.suffix == ".json":
            return as_json(page.export)
        return self.show(template, frame, page)

    def show(self, template: str, frame: Frame, page: object) -> Response[Any]:
        """Return a page that has no table."""
        return render(template, frame=frame, page=page, view=self.view)


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


def organization_of(request: PageRequest) -> int:
    """Return the organization of who is signed in; raises UnauthorizedError. Pages ask nowhere else."""
    organization_id = signed_in_organization(request)
    if organization_id is None:
        raise UnauthorizedError("sign in first: open the link that shipledger up prints")
    return organization_id


@asynccontextmanager
async def open_page(
    request: PageRequest,
    settings: Settings,
    database: Database,
    allowed: Sequence[str] = (),
    path: str | None = None,
    *,
    choices: Mapping[str, Sequence[str]] = CHOICES,
    with_calibrations: bool = False,
) -> AsyncIterator[Opened]:
    """Open a page that takes `allowed` parameters; `path` is its address, by default that of the request.

    `choices` are the values of `sort` and the like. Pages that show intervals need the calibrations of teams.

    Raises UnauthorizedError, BadInputError for what the address cannot ask, and NotFoundError for an unknown team.
    """
    organization_id = organization_of(request)
    now = datetime.now(UTC)
    asked = str(request.scope["path"])
    suffix = suffix_of(asked)
    view = read_view(
        path or asked.removesuffix(suffix), request.query_params.multi_items(), allowed, now.date(), choices
    )
    reads = request.app.state.reads
    calibrations = await reads.calibrations.of(organization_id) if with_calibrations else {}
    async with database.organization(organization_id) as tenant:
        freshness = await read_freshness(tenant)
        team_id = await find_team(tenant, view.team) if view.team else None
        url = instance_url(request, settings)
        yield Opened(tenant, view, team_id, reads.thresholds, freshness, now, suffix, url, calibrations)


def instance_url(request: PageRequest, settings: Settings) -> str:
    """Return the URL of this instance: the configured public URL, or else the one this browser used."""
    return (settings.public_url or str(request.base_url)).rstrip("/")


def as_csv(export: Export) -> Response[bytes]:
    """Return a table as CSV."""
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{export.name}.csv"'}
    return Response(csv_lines([export.columns, *export.rows]), media_type="text/csv; charset=utf-8", headers=headers)


def as_json(export: Export) -> Response[bytes]:
    """Return a table as JSON: `{"items": [...]}`."""
    items = [dict(zip(export.columns, row, strict=True)) for row in export.rows]
    return Response(msgspec.json.encode({"items": items}), media_type="application/json", headers=dict(HEADERS))
