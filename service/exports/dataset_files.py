"""A dataset as a CSV or Parquet file."""

from collections.abc import AsyncIterator

from schema.database import Database
from service.exports.columns import Column, Kind
from service.exports.datasets import Dataset
from service.exports.formats import Format
from service.exports.parquet import ParquetFile
from service.queries.ledger.dataset_rows import Selection, ViewColumn, copy_csv, read_columns, read_rows

_KINDS = {
    "bigint": Kind.COUNT,
    "integer": Kind.COUNT,
    "double precision": Kind.NUMBER,
    "boolean": Kind.FLAG,
    "date": Kind.DAY,
    "timestamp with time zone": Kind.INSTANT,
    "timestamp without time zone": Kind.INSTANT,
    "numeric": Kind.MONEY,
}


async def stream_dataset(
    database: Database, organization_id: int, dataset: Dataset, selection: Selection, file_format: Format
) -> AsyncIterator[bytes]:
    """Yield the file in chunks, read in one transaction, so that all rows are of one moment."""
    async with database.organization(organization_id) as tenant:
        columns = [column for column in await read_columns(tenant, dataset.view) if column.name not in dataset.hidden]
        if file_format is Format.CSV:
            async for chunk in copy_csv(tenant, selection, columns):
                yield chunk
            return
        file = ParquetFile([_column(column) for column in columns])
        async for rows in read_rows(tenant, selection, columns):
            if added := file.add(rows):
                yield added
        yield file.end()


def _column(column: ViewColumn) -> Column:
    return Column(column.name, (column.name,), _KINDS.get(column.type, Kind.TEXT))
