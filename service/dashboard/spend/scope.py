"""What spend is limited to by an address, and how sums of it are read: a team, or one other dimension, or both."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from schema.database import Tenant
from schema.errors import BadInputError
from service.contracts.reconciliation import CostKind
from service.dashboard.view.view import View
from service.queries.spend.buckets import Bucket
from service.queries.spend.reading import Cell, Head, Question, find_heads, read_by_head, read_cells
from vocabulary.spend_cuts import DIMENSIONS, OWNERS

# The dimension of each parameter; regions have no sums.
DIMENSION_OF: Final = {
    "repository": "repository",
    "model": "model",
    "provider": "provider",
    "workflow": "workflow",
    "prompt": "prompt_version",
    "feature": "feature",
}
MOST_CELLS = 20_000


@dataclass(frozen=True, slots=True)
class Scope:
    """A team, or all, and at most one `value` of another dimension."""

    team_id: int | None
    price: CostKind
    dimension: str = ""
    value: str = ""


def scope_of(view: View, team_id: int | None) -> Scope:
    """Return the scope of a view; raises BadInputError for more than one dimension beside the team."""
    limits = [(name, value) for name, value in view.filters.items() if name in DIMENSION_OF]
    if len(limits) > 1:
        names = " and ".join(name for name, _ in limits)
        raise BadInputError(f"cannot be combined: {names}; leave one out", field=limits[1][0])
    for name, value in limits:
        return Scope(team_id, view.price, DIMENSION_OF[name], value)
    return Scope(team_id, view.price)


async def read_by(tenant: Tenant, scope: Scope, buckets: Sequence[Bucket], by: str) -> list[Cell]:
    """Return the cells by bucket and one dimension, their only group."""
    if not scope.dimension or scope.dimension == by:
        cells = await read_cells(tenant, Question(buckets, (by,), scope.price, scope.team_id), None, MOST_CELLS)
        return [cell for cell in cells if not scope.dimension or cell.groups[0] == scope.value]
    dimensions = tuple(each for each in DIMENSIONS if each in {scope.dimension, by})
    question = Question(buckets, dimensions, scope.price, scope.team_id)
    place = dimensions.index(scope.dimension)
    if scope.team_id is None and question.head == scope.dimension:
        cells = await read_by_head(tenant, question, await _heads(tenant, question, scope), None, MOST_CELLS)
    else:
        cells = await read_cells(tenant, question, None, MOST_CELLS)
    return [cell._replace(groups=(cell.groups[1 - place],)) for cell in cells if cell.groups[place] == scope.value]


async def _heads(tenant: Tenant, question: Question, scope: Scope) -> list[Head]:
    if scope.dimension not in OWNERS:
        return [Head(scope.value, scope.value, None)]
    heads = await find_heads(tenant, question, scope.dimension)
    return [head for head in heads if head.name == scope.value]
