"""Reads near token events as columns, straight from binary COPY, so that no event becomes an object."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from schema.database import Tenant
from vocabulary.model_keys import find_model, model_key
from vocabulary.tokens import TOKEN_KINDS
from workers.layers.clear_pairs import Column, ReportColumns
from workers.layers.neighbours import Span
from workers.stores.tokens.intake_batches import Batch
from workers.stores.tokens.near_events import MANY, NEAR_EVENTS, Witnesses, near_arguments

# Every id is a hash of this size, and a missing request is zeros, so that all rows have one width.
ID = 32
_FIELDS = {
    "event_id": f"V{ID}",
    "occurred_at": ">i8",
    "request": f"V{ID}",
    "is_new": "?",
    "source": ">i4",
    "model": ">i4",
    "team_id": ">i8",
    **dict.fromkeys(TOKEN_KINDS, ">i8"),
}
_COPIED = f"""
SELECT event_id, occurred_at, coalesce(request, decode(repeat('00', {ID}), 'hex')), is_new,
       source_number, coalesce(known.number, 0)::int, team_id, {", ".join(TOKEN_KINDS)}
  FROM ({NEAR_EVENTS}) AS near
  LEFT JOIN unnest($6::text[]) WITH ORDINALITY AS known (model, number) ON known.model = near.model
"""  # noqa: S608 - fixed names
# Added up here, because PostgreSQL takes longer for it and for two more columns of each row.
INPUT_KINDS, OUTPUT_KINDS = TOKEN_KINDS[:3], TOKEN_KINDS[3:]
# In binary COPY, a signature comes first and a mark last; each row has a number of fields, each field its size.
_HEADER, _TRAILER = 19, 2
_ROW = np.dtype(
    [
        ("fields", ">i2"),
        *(field for name, kind in _FIELDS.items() for field in ((f"{name} size", ">i4"), (name, kind))),
    ]
)
# Instants count from here.
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


async def read_near(
    tenant: Tenant, batches: Sequence[Batch], spans: Sequence[Span], witnesses: Witnesses, models: Sequence[str]
) -> Column:
    """Return the events as a structured array; sources and models are numbered from 1, other models are 0."""
    copied = bytearray()
    arguments = (*near_arguments(spans, batches, witnesses), models)

    async def keep(data: bytes) -> None:
        copied.extend(data)

    async with tenant.planner(**MANY):
        await tenant.connection.copy_from_query(
            _COPIED, tenant.organization_id, *arguments, output=keep, format="binary"
        )
    count, beyond = divmod(len(copied) - _HEADER - _TRAILER, _ROW.itemsize)
    if beyond:
        raise ValueError(f"an id of a token event or request does not have {ID} bytes")
    return np.frombuffer(copied, _ROW, count, _HEADER)


def report_columns(rows: Column, witnesses: Witnesses, models: Sequence[str]) -> ReportColumns:
    """Return what is compared. Of a request, eight bytes suffice: more that agree make a pair unclear at most."""
    keys, families = (sorted({"", *map(name, models)}) for name in (model_key, find_model))
    key_of = np.array([-1, *(keys.index(model_key(model)) for model in models)])
    family_of = np.array([0, *(families.index(find_model(model)) for model in models)])
    return ReportColumns(
        occurred_at=rows["occurred_at"].astype(np.int64),
        input=total(rows, INPUT_KINDS),
        output=total(rows, OUTPUT_KINDS),
        request=first_bytes(rows["request"]),
        rank=np.array([0, *witnesses.ranks])[rows["source"]],
        model=key_of[rows["model"]],
        family=family_of[rows["model"]],
        is_new=rows["is_new"],
    )


def total(rows: Column, kinds: Sequence[str]) -> Column:
    """Return the tokens of some kinds together (rows,)."""
    summed = rows[kinds[0]].astype(np.int64)
    for kind in kinds[1:]:
        summed += rows[kind]
    return summed


def first_bytes(ids: Column) -> Column:
    """Return the first eight bytes of ids as integers, in the order of the ids."""
    return np.ascontiguousarray(ids).view(">u8").reshape(-1, ID // 8)[:, 0].astype(np.uint64)
