"""Keeps the first day on which each team used a model or prompt template, and the changes that follow from it."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple, TypeAlias

from schema.database import Tenant, rows_as_columns
from vocabulary.tokens import TOKEN_KINDS
from workers.outcomes.successors import FirstUse, Successor, find_new_templates, find_newer_models

MODEL, PROMPT_TEMPLATE = "model", "prompt_template"
_FINDERS: Mapping[str, Callable[[Iterable[FirstUse]], list[Successor]]] = {
    MODEL: find_newer_models,
    PROMPT_TEMPLATE: find_new_templates,
}
_TOKENS = " + ".join(TOKEN_KINDS)

# After failed requests alone, nothing was used.
_USED = f"""
SELECT team_id, used.kind, used.workflow, used.value, min(day) AS first_day
  FROM spend_found
 CROSS JOIN LATERAL (VALUES ('{MODEL}', '', model), ('{PROMPT_TEMPLATE}', spend_found.workflow, prompt_template))
       AS used (kind, workflow, value)
 WHERE used.value <> '' AND {_TOKENS} > 0
 GROUP BY 1, 2, 3, 4
"""  # noqa: S608 - names of ours

_BEGUN_HERE = """
SELECT known.team_id, known.kind, known.workflow, known.value, known.first_day
  FROM first_use AS known JOIN stale_team_day AS stale ON stale.team_id = known.team_id AND stale.day = known.first_day
 WHERE known.organization_id = $1
"""

_DELETE = """
DELETE FROM first_use AS known USING unnest($2::bigint[], $3::text[], $4::text[], $5::text[])
       AS lost (team_id, kind, workflow, value)
 WHERE known.organization_id = $1 AND known.team_id = lost.team_id AND known.kind = lost.kind
   AND known.workflow = lost.workflow AND known.value = lost.value
"""

# Days are read in their order only where a first use has vanished, after late corrections.
_NEXT_USES = f"""
SELECT lost.team_id, lost.kind, lost.workflow, lost.value, later.first_day
  FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) AS lost (team_id, kind, workflow, value)
 CROSS JOIN LATERAL (
       SELECT min(day) AS first_day FROM spend_day
        WHERE organization_id = $1 AND spend_day.team_id = lost.team_id AND {_TOKENS} > 0
          AND CASE lost.kind WHEN '{MODEL}' THEN model = lost.value
                   ELSE spend_day.workflow = lost.workflow AND prompt_template = lost.value END) AS later
 WHERE later.first_day IS NOT NULL
"""  # noqa: S608 - names of ours

_SAVE = """
INSERT INTO first_use AS known (organization_id, team_id, kind, workflow, value, first_day)
SELECT $1::bigint, used.* FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::date[]) AS used
    ON CONFLICT (organization_id, team_id, kind, workflow, value) DO UPDATE SET first_day = excluded.first_day
 WHERE known.organization_id = $1 AND excluded.first_day < known.first_day
RETURNING team_id, kind, workflow, value
"""

_LOAD = """
SELECT known.team_id, known.kind, known.workflow, known.value, known.first_day
  FROM unnest($2::bigint[], $3::text[], $4::text[]) AS wanted (team_id, kind, workflow)
  JOIN first_use AS known ON known.organization_id = $1 AND known.team_id = wanted.team_id
   AND known.kind = wanted.kind AND known.workflow = wanted.workflow
"""

_DELETE_CHANGES = """
DELETE FROM change AS known USING unnest($2::bigint[], $3::text[], $4::text[]) AS wanted (team_id, kind, workflow)
 WHERE known.organization_id = $1 AND known.found AND known.team_id = wanted.team_id AND known.kind = wanted.kind
   AND known.workflow = wanted.workflow AND known.identity <> ALL ($5::bytea[])
"""

_SAVE_CHANGES = """
INSERT INTO change AS known (organization_id, identity, team_id, kind, workflow, occurred_at, from_value, to_value,
                             source, label, found)
SELECT $1::bigint, successor.*, '', '', true
  FROM unnest($2::bytea[], $3::bigint[], $4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::text[]) AS successor
    ON CONFLICT (organization_id, identity) DO UPDATE
       SET occurred_at = excluded.occurred_at, from_value = excluded.from_value
 WHERE known.organization_id = $1
   AND (known.occurred_at, known.from_value) IS DISTINCT FROM (excluded.occurred_at, excluded.from_value)
"""


class Used(NamedTuple):
    """What a team used: a model (`workflow` is empty), or a prompt template of a workflow."""

    team_id: int
    kind: str
    workflow: str
    value: str


# What successors are looked for in: team, kind and workflow.
Group: TypeAlias = tuple[int, str, str]


async def find_changes(tenant: Tenant) -> None:
    """Find first uses in the team-days that `replace_days` has replaced, and the changes that follow from them."""
    used = _days(await tenant.connection.fetch(_USED))
    lost = [key for key, day in _days(await tenant.fetch(_BEGUN_HERE)).items() if used.get(key) != day]
    if lost:
        await tenant.execute(_DELETE, *rows_as_columns(lost))
        used |= _days(await tenant.fetch(_NEXT_USES, *rows_as_columns(lost)))
    earlier = await tenant.fetch(_SAVE, *rows_as_columns([(*key, day) for key, day in used.items()])) if used else []
    if groups := {(key[0], key[1], key[2]) for key in [*lost, *earlier]}:
        await _replace_changes(tenant, sorted(groups))


def _days(rows: Sequence[Mapping[str, Any]]) -> dict[Used, date]:
    return {Used(*(row[name] for name in Used._fields)): row["first_day"] for row in rows}


async def _replace_changes(tenant: Tenant, groups: Sequence[Group]) -> None:
    """Replace what was found in some groups by what follows from their first uses."""
    uses: dict[Group, list[FirstUse]] = {group: [] for group in groups}
    for team_id, kind, workflow, value, first_day in await tenant.fetch(_LOAD, *rows_as_columns(groups)):
        uses[team_id, kind, workflow].append(FirstUse(value, first_day))
    found = [_change(group, each) for group, members in uses.items() for each in _FINDERS[group[1]](members)]
    await tenant.execute(_DELETE_CHANGES, *rows_as_columns(groups), [row[0] for row in found])
    if found:
        await tenant.execute(_SAVE_CHANGES, *rows_as_columns(found))


def _change(group: Group, successor: Successor) -> tuple[Any, ...]:
    """Return a row of `_SAVE_CHANGES`; a group changes to a name only once."""
    identity = hashlib.sha256("\0".join(["found", *map(str, group), successor.after]).encode()).digest()
    at = datetime.combine(successor.day, time(), UTC)
    return identity, *group, at, successor.before, successor.after
