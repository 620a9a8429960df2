"""Query and path parameters that several endpoints share."""

from typing import Annotated, TypeAlias
from uuid import UUID

from litestar.params import PathParameter, QueryParameter

from service.contracts.reconciliation import CostKind

TeamName: TypeAlias = Annotated[
    str | None, QueryParameter(description="Name of a team (default: the key's team, else all teams)")
]
CostKindName: TypeAlias = Annotated[
    CostKind,
    QueryParameter(description="`list` prices, `effective` prices from bills, or the `billed` cost in the ledger"),
]
ConnectionId: TypeAlias = Annotated[str, PathParameter(description="Id of a connection")]
AccountId: TypeAlias = Annotated[UUID, PathParameter(description="Id of a provider account")]
