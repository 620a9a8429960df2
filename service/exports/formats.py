"""Formats of exports, and the headers of their responses."""

from collections.abc import AsyncIterator
from enum import StrEnum

from litestar.response import Stream


class Format(StrEnum):
    """The format of a list."""

    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


MEDIA_TYPES = {Format.CSV: "text/csv; charset=utf-8", Format.PARQUET: "application/vnd.apache.parquet"}


def download(name: str, file_format: Format, chunks: AsyncIterator[bytes]) -> Stream:
    """Return a response that streams a file; `name` comes without a suffix."""
    return Stream(
        chunks,
        media_type=MEDIA_TYPES[file_format],
        headers={"content-disposition": f'attachment; filename="{name}.{file_format}"'},
    )
