"""SQL for cells of spend: sums by bucket and up to two dimensions, with the period they are compared with.

Every query begins with the buckets and sums the cells of one bucket (and owner) after the other, so that a page reads
little more than it shows.
"""

from schema.vocabulary.spend_cuts import COUNTS, MEASURES
from schema.vocabulary.tokens import TOKEN_KINDS

# What a cell holds, and again with `before_` for the earlier period.
AMOUNTS = (*TOKEN_KINDS, "cost_nano_usd", *COUNTS)
_ALL = ", ".join(MEASURES)

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
_COST = "CASE $2 WHEN 'list' THEN list_nano_usd WHEN 'effective' THEN effective_nano_usd ELSE billed_nano_usd END"
_NOW = ", ".join(
    f"coalesce(sum({_COST if name == 'cost_nano_usd' else name}) FILTER (WHERE NOT is_before), 0)::bigint AS {name}"
    for name in AMOUNTS
)
_BEFORE = ", ".join(
    f"coalesce(sum({_COST if name == 'cost_nano_usd' else name}) FILTER (WHERE is_before), 0)::bigint AS before_{name}"
    for name in AMOUNTS
)
# Without a comparison, the earlier sums are 0 and need no reading.
_SUMS = {
    False: _NOW.replace(" FILTER (WHERE NOT is_before)", "") + "".join(f", 0::bigint AS before_{n}" for n in AMOUNTS),
    True: f"{_NOW}, {_BEFORE}",
}
_SOMETHING = " OR ".join(f"{prefix}{name} <> 0" for prefix in ("", "before_") for name in AMOUNTS)

# Runs of sums: of each bucket those from `run_from` to `run_to`, places in the arrays $5 to $8.
_BUCKETS = "unnest($3::int[], $4::int[]) WITH ORDINALITY AS wanted (run_from, run_to, bucket)"
_RUNS = """(
    SELECT ($5::text[])[place] AS grain, ($6::date[])[place] AS begins, ($7::date[])[place] AS ends,
           ($8::boolean[])[place] AS is_before
      FROM generate_series(wanted.run_from, wanted.run_to) AS place)
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
                          SELECT first, second, {_ALL} FROM spend_cut
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

# $9 names the cut and $10 its other dimension, empty to sum over it; $11 and $12 are the owners and their names. Days
# of an owner are found by it.
_COLUMN = """
CASE $10::text WHEN 'repository' THEN encode(repository_id, 'hex') WHEN 'model' THEN model
     WHEN 'provider' THEN provider WHEN 'workflow' THEN workflow WHEN 'feature' THEN feature WHEN 'fate' THEN stage
     WHEN 'stage' THEN stage WHEN 'evidence' THEN evidence WHEN 'context_tier' THEN context_tier
     WHEN 'prompt_version' THEN prompt_template ELSE '' END
"""
_OWNED = f"""
    SELECT wanted.bucket, owner.place, owner.name AS first, cell.*
      FROM {_BUCKETS}
     CROSS JOIN LATERAL (
           SELECT * FROM unnest($11::text[], $12::text[]) WITH ORDINALITY AS each (owner, name, place)
            WHERE $13::int IS NULL OR (wanted.bucket, place) >= ($13, $14::int) OFFSET 0) AS owner
     CROSS JOIN LATERAL (
           SELECT {_SHOWN.format(dimension="$10::text", value="tail")} AS second, summed.*
             FROM (SELECT {_VALUE.format(dimension="$10::text", value="value")} AS tail, {{sums}}
                     FROM {_RUNS} AS run
                    CROSS JOIN LATERAL (
                          SELECT CASE WHEN $10 = '' THEN '' ELSE first END AS value, {_ALL} FROM spend_cut
                           WHERE organization_id = $1 AND cut = $9 AND spend_cut.owner = owner.owner
                             AND grain = run.grain AND period >= run.begins AND period < run.ends
                           UNION ALL
                          SELECT {_COLUMN} AS value, {_ALL} FROM spend_day
                           WHERE organization_id = $1 AND {{owner}} AND run.grain = 'day'
                             AND day >= run.begins AND day < run.ends OFFSET 0) AS known
                    GROUP BY 1) AS summed
            ORDER BY 1) AS cell
     WHERE ({_SOMETHING})
       AND ($13::int IS NULL OR (wanted.bucket, owner.place, second) > ($13, $14::int, $15::text))
     LIMIT $16
"""  # noqa: S608 - names of ours
_OWNER = {"team": "team_id = owner.owner::bigint", "repository": "repository_id = decode(owner.owner, 'hex')"}

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
                     FROM {_RUNS} AS run
                    CROSS JOIN LATERAL (
                          SELECT * FROM spend_day
                           WHERE organization_id = $1 AND team_id = $9 AND day >= run.begins AND day < run.ends
                          OFFSET 0) AS known
                    GROUP BY 1, 2) AS summed
            ORDER BY 1, 2) AS cell
     WHERE ({_SOMETHING})
       AND ($12::int IS NULL OR (wanted.bucket, first, second) > ($12, $13::text, $14::text)) LIMIT $15
"""  # noqa: S608 - names of ours

# By whether there is a comparison; by the kind of owner, too.
SHARED = {compared: _SHARED_PAGE.format(sums=sums) for compared, sums in _SUMS.items()}
DEAREST = {compared: _DEAREST.format(sums=sums) for compared, sums in _SUMS.items()}
OF_TEAM = {compared: _OF_TEAM.format(sums=sums) for compared, sums in _SUMS.items()}
OWNED = {
    (kind, compared): _OWNED.format(owner=owner, sums=sums)
    for kind, owner in _OWNER.items()
    for compared, sums in _SUMS.items()
}
