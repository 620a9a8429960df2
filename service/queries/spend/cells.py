"""SQL for cells of spend: sums by bucket and up to two dimensions, with the period they are compared with.

Every query begins with the buckets and sums the cells of one bucket (and head) after the other, so that a page reads
little more than it shows.
"""

from itertools import product
from typing import get_args

from service.contracts.reconciliation import CostKind
from vocabulary.spend_cuts import COUNTS
from vocabulary.tokens import TOKEN_KINDS

COST_KINDS: tuple[CostKind, ...] = get_args(CostKind)
# What a cell holds, and again with `before_` for the earlier period.
AMOUNTS = (*TOKEN_KINDS, "cost_nano_usd", *COUNTS)

# The name of a group as it is shown, from its value in a cut. Of what became of merged work only the fate counts.
_VALUE = "CASE WHEN {dimension} = 'fate' THEN split_part({value}, '.', 1) ELSE {value} END"
_SHOWN = """
CASE {dimension}
     WHEN 'team' THEN (SELECT name FROM team WHERE team.organization_id = $1 AND team.team_id = {value}::bigint)
     WHEN 'repository' THEN coalesce((SELECT label FROM repository WHERE repository.organization_id = $1
                                       AND repository.artifact_id = decode({value}, 'hex')),
                                     CASE WHEN {value} = '' THEN '' ELSE 'a1_' || {value} END)
     ELSE {value} END COLLATE "C"
"""
_COLUMNS = {kind: ", ".join((*TOKEN_KINDS, f"{kind}_nano_usd AS cost_nano_usd", *COUNTS)) for kind in COST_KINDS}
_NOW = ", ".join(f"coalesce(sum({name} * sign) FILTER (WHERE NOT is_before), 0)::bigint AS {name}" for name in AMOUNTS)
_BEFORE = ", ".join(
    f"coalesce(sum({name} * sign) FILTER (WHERE is_before), 0)::bigint AS before_{name}" for name in AMOUNTS
)
# Without a comparison, the earlier sums are 0 and need no reading.
_SUMS = {
    False: _NOW.replace(" FILTER (WHERE NOT is_before)", "") + "".join(f", 0::bigint AS before_{n}" for n in AMOUNTS),
    True: f"{_NOW}, {_BEFORE}",
}
_SOMETHING = " OR ".join(f"{prefix}{name} <> 0" for prefix in ("", "before_") for name in AMOUNTS)

# The place of a grain is a number in the arrays of runs, because an element of an array of text is found by counting.
GRAINS = ("day", "week", "month")

# Without OFFSET, PostgreSQL would look up the sign once more for each amount of each row.
# Runs of sums: of each bucket those from `run_from` to `run_to`, places in the arrays $4 to $8.
_BUCKETS = "unnest($2::int[], $3::int[]) WITH ORDINALITY AS wanted (run_from, run_to, bucket)"
_RUNS = """(
    SELECT CASE ($4::int[])[place] WHEN 0 THEN 'day' WHEN 1 THEN 'week' ELSE 'month' END AS grain,
           ($5::date[])[place] AS begins, ($6::date[])[place] AS ends,
           ($7::boolean[])[place] AS is_before, ($8::int[])[place] AS sign
      FROM generate_series(wanted.run_from, wanted.run_to) AS place OFFSET 0)
"""

# $9 names the cut, $10 and $11 the dimensions that are its first and second.
_SHARED = f"""
    SELECT wanted.bucket, cell.*
      FROM {_BUCKETS}
     CROSS JOIN LATERAL (
           SELECT {_SHOWN.format(dimension="$10::text", value="head")} AS first,
                  {_SHOWN.format(dimension="$11::text", value="tail")} AS second, summed.*
             FROM (SELECT {_VALUE.format(dimension="$10::text", value="known.first")} AS head,
                          {_VALUE.format(dimension="$11::text", value="known.second")} AS tail, {{sums}}
                     FROM {_RUNS} AS run
                    CROSS JOIN LATERAL (
                          SELECT first, second, {{columns}} FROM spend_cut
                           WHERE organization_id = $1 AND cut = $9 AND owner = '' AND grain = run.grain
                             AND period >= run.begins AND period < run.ends OFFSET 0) AS known
                    GROUP BY 1, 2) AS summed
            ORDER BY 1, 2) AS cell
     WHERE ({_SOMETHING})
"""  # noqa: S608 - names of ours
_SHARED_PAGE = f"""
    {_SHARED} AND ($12::int IS NULL OR (wanted.bucket, first, second) > ($12, $13::text, $14::text)) LIMIT $15
"""
_DEAREST = f"""
    SELECT * FROM ({_SHARED}) AS cell
     WHERE $12::bigint IS NULL OR (-cost_nano_usd, first, second) > (-$12, $13::text, $14::text)
     ORDER BY cost_nano_usd DESC, first, second LIMIT $15
"""  # noqa: S608 - names of ours

_COLUMN = """
CASE $10::text WHEN 'repository' THEN encode(repository_id, 'hex') WHEN 'model' THEN model
     WHEN 'provider' THEN provider WHEN 'workflow' THEN workflow WHEN 'feature' THEN feature WHEN 'fate' THEN stage
     WHEN 'stage' THEN stage WHEN 'evidence' THEN evidence WHEN 'context_tier' THEN context_tier
     WHEN 'prompt_version' THEN prompt_template ELSE '' END
"""
# $9 names the cut and $10 its other dimension, empty to sum over it; $11 and $12 are the heads and their names.
_BY_HEAD = f"""
    SELECT wanted.bucket, head.place, head.name AS first, cell.*
      FROM {_BUCKETS}
     CROSS JOIN LATERAL (
           SELECT * FROM unnest($11::text[], $12::text[]) WITH ORDINALITY AS each (head, name, place)
            WHERE $13::int IS NULL OR (wanted.bucket, place) >= ($13, $14::int) OFFSET 0) AS head
     CROSS JOIN LATERAL (
           SELECT {_SHOWN.format(dimension="$10::text", value="tail")} AS second, summed.*
             FROM (SELECT {_VALUE.format(dimension="$10::text", value="value")} AS tail, {{sums}}
                     FROM {_RUNS} AS run
                    CROSS JOIN LATERAL ({{source}} OFFSET 0) AS known
                    GROUP BY 1) AS summed
            ORDER BY 1) AS cell
     WHERE ({_SOMETHING})
       AND ($13::int IS NULL OR (wanted.bucket, head.place, second) > ($13, $14::int, $15::text))
     LIMIT $16
"""  # noqa: S608 - names of ours
# Sums of a cut without owners, whose runs must be of one sum each, because the heads of a period stand together.
_UNOWNED = """
    SELECT second AS value, {columns} FROM spend_cut
     WHERE organization_id = $1 AND cut = $9 AND owner = '' AND grain = run.grain
       AND period = run.begins AND first = head.head
"""
# An owner's sums, and its days, which are found by it.
_OWNED = f"""
    SELECT CASE WHEN $10 = '' THEN '' ELSE first END AS value, {{columns}} FROM spend_cut
     WHERE run.grain <> 'day' AND organization_id = $1 AND cut = $9 AND owner = head.head
       AND grain = run.grain AND period >= run.begins AND period < run.ends
     UNION ALL
    SELECT {_COLUMN} AS value, {{columns}} FROM spend_day
     WHERE organization_id = $1 AND {{owner}} AND run.grain = 'day' AND day >= run.begins AND day < run.ends
"""  # noqa: S608 - names of ours
_SOURCES = {
    None: _UNOWNED,
    "team": _OWNED.replace("{owner}", "team_id = head.head::bigint"),
    "repository": _OWNED.replace("{owner}", "repository_id = decode(head.head, 'hex')"),
}

# Two dimensions of one team ($9), from its days.
_DIMENSION = _COLUMN.replace("$10::text", "{dimension}").replace(
    "'fate' THEN stage", "'fate' THEN split_part(stage, '.', 1)"
)
_OF_TEAM = f"""
    SELECT wanted.bucket, cell.*
      FROM {_BUCKETS}
     CROSS JOIN LATERAL (
           SELECT {_SHOWN.format(dimension="$10::text", value="head")} AS first,
                  {_SHOWN.format(dimension="$11::text", value="tail")} AS second, summed.*
             FROM (SELECT {_DIMENSION.format(dimension="$10::text")} AS head,
                          {_DIMENSION.format(dimension="$11::text")} AS tail, {{sums}}
                     FROM (SELECT run.is_before, run.sign, known.*
                             FROM {_RUNS} AS run
                            CROSS JOIN LATERAL (
                                  SELECT *, {{kind}}_nano_usd AS cost_nano_usd FROM spend_day
                                   WHERE organization_id = $1 AND team_id = $9
                                     AND day >= run.begins AND day < run.ends OFFSET 0) AS known) AS known
                    GROUP BY 1, 2) AS summed
            ORDER BY 1, 2) AS cell
     WHERE ({_SOMETHING})
       AND ($12::int IS NULL OR (wanted.bucket, first, second) > ($12, $13::text, $14::text)) LIMIT $15
"""  # noqa: S608 - names of ours

# By kind of cost, and by whether there is a comparison; those by head by the kind of owner, too.
_EACH = tuple(product(COST_KINDS, _SUMS))
SHARED = {
    (kind, compared): _SHARED_PAGE.format(sums=_SUMS[compared], columns=_COLUMNS[kind]) for kind, compared in _EACH
}
DEAREST = {(kind, compared): _DEAREST.format(sums=_SUMS[compared], columns=_COLUMNS[kind]) for kind, compared in _EACH}
OF_TEAM = {(kind, compared): _OF_TEAM.format(sums=_SUMS[compared], kind=kind) for kind, compared in _EACH}
BY_HEAD = {
    (owner, kind, compared): _BY_HEAD.format(sums=_SUMS[compared], source=source.format(columns=_COLUMNS[kind]))
    for owner, source in _SOURCES.items()
    for kind, compared in _EACH
}
