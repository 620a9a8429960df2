"""SQL for cells of spend: sums by bucket and up to two dimensions, with the period they are compared with.

Every query begins with the buckets and sums the cells of one bucket (and head) after the other, so that a page reads
little more than it shows. Each combination of dimensions has its own text, because choosing a column by an argument
takes longer per row than reading it.
"""

from functools import cache
from typing import get_args

from service.contracts.reconciliation import CostKind
from vocabulary.spend_cuts import COUNTS, TO_DATE
from vocabulary.tokens import TOKEN_KINDS

COST_KINDS: tuple[CostKind, ...] = get_args(CostKind)
# What a cell holds, and again with `before_` for the earlier period.
AMOUNTS = (*TOKEN_KINDS, "cost_nano_usd", *COUNTS)

# The name of a group as it is shown, from its value in a cut.
_NAMES = {
    "team": "(SELECT name FROM team WHERE team.organization_id = $1 AND team.team_id = {value}::bigint)",
    "repository": """
        coalesce((SELECT label FROM repository WHERE repository.organization_id = $1
                     AND repository.artifact_id = decode({value}, 'hex')),
                 CASE WHEN {value} = '' THEN '' ELSE 'a1_' || {value} END)
    """,
}
# The columns of `spend_day` that are not named like their dimension.
_COLUMNS_OF_DAYS = {
    "": "''::text",
    "repository": "encode(repository_id, 'hex')",
    "fate": "split_part(stage, '.', 1)",
    "prompt_version": "prompt_template",
}

_SOMETHING = " OR ".join(f"{prefix}{name} <> 0" for prefix in ("", "before_") for name in AMOUNTS)

# The place of a grain is a number in the arrays of runs, because an element of an array of text is found by counting.
GRAINS = ("day", "week", "month", *TO_DATE)

# Without OFFSET, PostgreSQL would look up the sign once more for each amount of each row.
# Runs of sums: of each bucket those from `run_from` to `run_to`, places in the arrays $4 to $8.
_BUCKETS = "unnest($2::int[], $3::int[]) WITH ORDINALITY AS wanted (run_from, run_to, bucket)"
_GRAIN = " ".join(f"WHEN {place} THEN '{grain}'" for place, grain in enumerate(GRAINS))
_RUNS = f"""(
    SELECT CASE ($4::int[])[place] {_GRAIN} END AS grain,
           ($5::date[])[place] AS begins, ($6::date[])[place] AS ends,
           ($7::boolean[])[place] AS is_before, ($8::int[])[place] AS sign
      FROM generate_series(wanted.run_from, wanted.run_to) AS place OFFSET 0)
"""  # noqa: S608 - names of ours
# Of sums to date, the last with spend holds.
_RUNS_TO_DATE = f"""(
    SELECT grain, ends, is_before, sign,
           CASE WHEN grain NOT IN ({", ".join(f"'{grain}'" for grain in TO_DATE)}) THEN begins ELSE (
                SELECT period FROM spend_cut
                 WHERE organization_id = $1 AND cut = '' AND owner = '' AND grain = run.grain
                   AND period >= run.begins AND period < run.ends ORDER BY period DESC LIMIT 1) END AS begins
      FROM {_RUNS} AS run OFFSET 0)
"""  # noqa: S608 - names of ours

_SHARED = f"""
    SELECT wanted.bucket, cell.*
      FROM {_BUCKETS}
     CROSS JOIN LATERAL (
           SELECT {{first}} AS first, {{second}} AS second, summed.*
             FROM (SELECT {{head}} AS head, {{tail}} AS tail, {{sums}}
                     FROM {_RUNS_TO_DATE} AS run
                    CROSS JOIN LATERAL (
                          SELECT first, second, {{columns}} FROM spend_cut
                           WHERE organization_id = $1 AND cut = '{{cut}}' AND owner = '' AND grain = run.grain
                             AND period >= run.begins AND period < run.ends OFFSET 0) AS known
                    GROUP BY 1, 2) AS summed
            ORDER BY 1, 2) AS cell
     WHERE ({_SOMETHING})
       AND ($9::int IS NULL OR (wanted.bucket, first, second) > ($9, $10::text, $11::text)) LIMIT $12
"""  # noqa: S608 - names of ours

# Only the groups on the page are named, and others of the same cost.
_DEAREST = f"""
    WITH summed AS MATERIALIZED (
        SELECT * FROM (
            SELECT wanted.bucket, {{head}} AS head, {{tail}} AS tail, {{sums}}
              FROM {_BUCKETS}
             CROSS JOIN LATERAL {_RUNS_TO_DATE} AS run
             CROSS JOIN LATERAL (
                   SELECT first, second, {{columns}} FROM spend_cut
                    WHERE organization_id = $1 AND cut = '{{cut}}' AND owner = '' AND grain = run.grain
                      AND period >= run.begins AND period < run.ends OFFSET 0) AS known
             GROUP BY 1, 2, 3) AS cell
         WHERE {_SOMETHING}
    ), dearest AS (
        SELECT * FROM summed WHERE cost_nano_usd = $9::bigint
         UNION ALL
        (SELECT * FROM summed WHERE $9::bigint IS NULL OR cost_nano_usd < $9
          ORDER BY cost_nano_usd DESC FETCH FIRST ($12::int) ROWS WITH TIES)
    )
    SELECT * FROM (SELECT {{first}} AS first, {{second}} AS second, dearest.* FROM dearest) AS cell
     WHERE $9::bigint IS NULL OR (-cost_nano_usd, first, second) > (-$9, $10::text, $11::text)
     ORDER BY cost_nano_usd DESC, first, second LIMIT $12
"""  # noqa: S608 - names of ours

# $9 and $10 are the heads and their names.
_BY_HEAD = f"""
    SELECT wanted.bucket, head.place, head.name AS first, cell.*
      FROM {_BUCKETS}
     CROSS JOIN LATERAL (
           SELECT * FROM unnest($9::text[], $10::text[]) WITH ORDINALITY AS each (head, name, place)
            WHERE $11::int IS NULL OR (wanted.bucket, place) >= ($11, $12::int) OFFSET 0) AS head
     CROSS JOIN LATERAL (
           SELECT {{second}} AS second, summed.*
             FROM (SELECT {{tail}} AS tail, {{sums}}
                     FROM {_RUNS} AS run
                    CROSS JOIN LATERAL ({{source}} OFFSET 0) AS known
                    GROUP BY 1) AS summed
            ORDER BY 1) AS cell
     WHERE ({_SOMETHING})
       AND ($11::int IS NULL OR (wanted.bucket, head.place, second) > ($11, $12::int, $13::text))
     LIMIT $14
"""  # noqa: S608 - names of ours
# Sums of a cut without owners, whose runs must be of one sum each, because the heads of a period stand together.
_UNOWNED = """
    SELECT second AS value, {columns} FROM spend_cut
     WHERE organization_id = $1 AND cut = '{cut}' AND owner = '' AND grain = run.grain
       AND period = run.begins AND first = head.head
"""
# An owner's sums, and its days, which are found by it.
_OWNED = """
    SELECT {value} AS value, {columns} FROM spend_cut
     WHERE run.grain <> 'day' AND organization_id = $1 AND cut = '{cut}' AND owner = head.head
       AND grain = run.grain AND period >= run.begins AND period < run.ends
     UNION ALL
    SELECT {column} AS value, {columns} FROM spend_day
     WHERE organization_id = $1 AND {owner} AND run.grain = 'day' AND day >= run.begins AND day < run.ends
"""
_OWNERS = {"team": "team_id = head.head::bigint", "repository": "repository_id = decode(head.head, 'hex')"}

# Two dimensions of one team ($9), from its days.
_OF_TEAM = f"""
    SELECT wanted.bucket, cell.*
      FROM {_BUCKETS}
     CROSS JOIN LATERAL (
           SELECT {{first}} AS first, {{second}} AS second, summed.*
             FROM (SELECT {{head}} AS head, {{tail}} AS tail, {{sums}}
                     FROM {_RUNS} AS run
                    CROSS JOIN LATERAL (
                          SELECT *, {{kind}}_nano_usd AS cost_nano_usd FROM spend_day
                           WHERE organization_id = $1 AND team_id = $9
                             AND day >= run.begins AND day < run.ends OFFSET 0) AS known
                    GROUP BY 1, 2) AS summed
            ORDER BY 1, 2) AS cell
     WHERE ({_SOMETHING})
       AND ($10::int IS NULL OR (wanted.bucket, first, second) > ($10, $11::text, $12::text)) LIMIT $13
"""  # noqa: S608 - names of ours


@cache
def shared(kind: CostKind, cut: str, dimensions: tuple[str, str], *, compared: bool) -> str:
    """Return the query of a page of a cut without owners, by bucket and name; unused dimensions are empty."""
    return _of_cut(_SHARED, kind, cut, dimensions, compared=compared)


@cache
def dearest(kind: CostKind, cut: str, dimensions: tuple[str, str], *, compared: bool) -> str:
    """Return the query of the dearest cells of a single bucket of a cut without owners."""
    return _of_cut(_DEAREST, kind, cut, dimensions, compared=compared)


@cache
def by_head(kind: CostKind, cut: str, other: str, owner: str | None, *, compared: bool) -> str:
    """Return the query of some members of a dimension, split by another one or summed over it (empty).

    The members own the sums of the cut, or are the first dimension of a cut without owners.
    """
    source = _UNOWNED.format(cut=cut, columns=_columns(kind))
    if owner is not None:
        source = _OWNED.format(
            cut=cut,
            columns=_columns(kind),
            owner=_OWNERS[owner],
            value="first" if other else "''::text",
            column=_column("stage" if other == "fate" else other),
        )
    return _BY_HEAD.format(
        second=name_of(other, "tail"), tail=_value(other, "value"), sums=_sums(compared=compared), source=source
    )


@cache
def of_team(kind: CostKind, dimensions: tuple[str, str], *, compared: bool) -> str:
    """Return the query of a page of two dimensions of a team, by bucket and name."""
    head, tail = map(_column, dimensions)
    first, second = name_of(dimensions[0], "head"), name_of(dimensions[1], "tail")
    return _OF_TEAM.format(first=first, second=second, head=head, tail=tail, sums=_sums(compared=compared), kind=kind)


def _of_cut(query: str, kind: CostKind, cut: str, dimensions: tuple[str, str], *, compared: bool) -> str:
    first, second = dimensions
    return query.format(
        cut=cut,
        first=name_of(first, "head"),
        second=name_of(second, "tail"),
        head=_value(first, "known.first"),
        tail=_value(second, "known.second"),
        sums=_sums(compared=compared),
        columns=_columns(kind),
    )


def name_of(dimension: str, value: str) -> str:
    """Return SQL for the name of a group as it is shown, which is ordered by its bytes."""
    return f'{_NAMES.get(dimension, "{value}").format(value=value)} COLLATE "C"'


def _value(dimension: str, value: str) -> str:
    """Return the value of a group from that in a cut. Of what became of merged work only the fate counts."""
    return f"split_part({value}, '.', 1)" if dimension == "fate" else value


def _column(dimension: str) -> str:
    """Return the value of a group from a row of `spend_day`."""
    return _COLUMNS_OF_DAYS.get(dimension, dimension)


def _columns(kind: CostKind) -> str:
    return ", ".join((*TOKEN_KINDS, f"{kind}_nano_usd AS cost_nano_usd", *COUNTS))


def _sums(*, compared: bool) -> str:
    """Return the signed sums of both periods; without a comparison, the earlier sums are 0 and need no reading."""
    if not compared:
        now = [f"whole_sum({name} * sign) AS {name}" for name in AMOUNTS]
        return ", ".join([*now, *(f"0::bigint AS before_{name}" for name in AMOUNTS)])
    return ", ".join(
        f"coalesce(whole_sum({name} * sign) FILTER (WHERE {condition}), 0) AS {prefix}{name}"
        for condition, prefix in (("NOT is_before", ""), ("is_before", "before_"))
        for name in AMOUNTS
    )
