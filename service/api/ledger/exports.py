"""GET /api/v1/exports/{dataset}: the ledger, pull requests, releases and FOCUS charges as files."""

from typing import Annotated, Literal, TypeAlias

from litestar import get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter
from litestar.response import Stream

from schema.database import Database
from schema.errors import BadInputError
from service.api.parameters import TeamName
from service.api.periods import From, To, read_period
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import require_whole_organization, visible_team
from service.exports.dataset_files import stream_dataset
from service.exports.datasets import DATASETS, DatasetName
from service.exports.formats import Format, download
from service.exports.parquet import require_parquet
from service.queries.ledger.dataset_rows import Selection

DatasetPath: TypeAlias = Annotated[DatasetName, PathParameter(description="Name of the dataset")]
FileFormat: TypeAlias = Literal["csv", "parquet"]


@get("/api/v1/exports/{dataset:str}", guards=[requires("read")], summary="Export a dataset as a file", tags=["figures"])
async def export_dataset(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    dataset: DatasetPath,
    team: TeamName = None,
    from_: From = None,
    to: To = None,
    file_format: Annotated[FileFormat, QueryParameter(name="format", description="Format of the file")] = "csv",
) -> Stream:
    """Export every row of a dataset, streamed. The default period is all time; days are UTC.

    `attributions` holds the ledger by hour, `ledger` by day with all three costs, `focus-1.2` and `focus-1.4` the same
    as charges of the FinOps Open Cost and Usage Specification. Pull requests and releases are selected by the day on
    which they were merged, closed, opened or released.
    """
    chosen = DATASETS[dataset]
    period = read_period(from_, to)
    if chosen.day is None and (period.first or period.last):
        raise BadInputError(f"does not apply to {dataset}; leave it out", field="from" if period.first else "to")
    if not chosen.has_team:
        require_whole_organization(caller)
    chosen_format = Format(file_format)
    if chosen_format is Format.PARQUET:
        require_parquet()
    async with database.organization(caller.organization_id) as tenant:
        team_id = await visible_team(tenant, caller, team)
    if team_id is not None and not chosen.has_team:
        raise BadInputError(f"does not apply to {dataset}; leave it out", field="team")
    selection = Selection(chosen.view, chosen.day, team_id, period.first, period.last)
    chunks = stream_dataset(database, caller.organization_id, chosen, selection, chosen_format)
    return download(f"shipledger-{dataset}", chosen_format, chunks)


ROUTES = [export_dataset]
