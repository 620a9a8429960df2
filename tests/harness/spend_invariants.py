"""Invariants of spend: team-days equal the ledger and its costs, and every cut sums to the same total."""

import asyncpg

from tests.harness.artifact_invariants import assert_artifacts
from vocabulary.spend_cuts import CUTS, MEASURES, OF_MODELS, TO_DATE, cut_name
from vocabulary.tokens import TOKEN_KINDS

_KINDS = ", ".join(TOKEN_KINDS)

# By team, day and fate: what the ledger and the reconciled costs say, beside the rolled up spend. A day that waits for
# the roll-up may differ, and while a pull request waits, its fate.
_DIFFERING = f"""
    WITH entry AS (
        SELECT team_id, day, artifact_id, {_KINDS}, cost_nano_usd AS list_nano_usd,
               CASE WHEN priced.day IS NULL THEN cost_nano_usd ELSE 0 END AS effective_nano_usd, 0 AS billed_nano_usd
          FROM attribution LEFT JOIN reconciled_day AS priced USING (organization_id, team_id, day)
         WHERE organization_id = $1
         UNION ALL
        SELECT team_id, day, artifact_id, {", ".join("0" for _ in TOKEN_KINDS)}, 0, effective_nano_usd, billed_nano_usd
          FROM ledger_cost WHERE organization_id = $1
    ), stage AS (
        SELECT entry.*, CASE WHEN state IS NULL THEN 'overhead' WHEN state = 'open' THEN 'in_flight'
                             WHEN state = 'abandoned' THEN state ELSE 'merged' END AS fate,
               state = 'merged' AND reverted_at IS NOT NULL AS reverted,
               state = 'merged' AND EXISTS (SELECT FROM release_pull_request AS link WHERE link.organization_id = $1
                                             AND link.pull_request_id = entry.artifact_id) AS released
          FROM entry
          LEFT JOIN pull_request USING (artifact_id)
          LEFT JOIN outcome USING (artifact_id)
         WHERE coalesce(pull_request.organization_id, $1) = $1 AND coalesce(outcome.organization_id, $1) = $1
    ), expected AS (
        SELECT team_id, day, CASE WHEN $2 THEN fate END AS fate, $2 AND coalesce(released, false) AS released,
               $2 AND coalesce(reverted, false) AS reverted, {{sums}} FROM stage GROUP BY 1, 2, 3, 4, 5
    ), found AS (
        SELECT team_id, day, CASE WHEN $2 THEN split_part(stage, '.', 1) END AS fate,
               $2 AND stage LIKE '%.released%' AS released, $2 AND stage LIKE '%.reverted%' AS reverted, {{sums}}
          FROM spend_day WHERE organization_id = $1 GROUP BY 1, 2, 3, 4, 5
    )
    SELECT expected::text, found::text FROM expected
      FULL JOIN found ON found.team_id = expected.team_id AND found.day = expected.day
            AND found.fate IS NOT DISTINCT FROM expected.fate
            AND found.released = expected.released AND found.reverted = expected.reverted
     WHERE ({{expected}}) <> ({{found}})
       AND NOT EXISTS (SELECT FROM stale_spend AS note
                        WHERE note.organization_id = $1 AND note.team_id = coalesce(expected.team_id, found.team_id)
                          AND note.day = coalesce(expected.day, found.day))
"""
_MONEY = (*TOKEN_KINDS, "list_nano_usd", "effective_nano_usd", "billed_nano_usd")
_DIFFERING = _DIFFERING.format(
    sums=", ".join(f"sum({name})::bigint AS {name}" for name in _MONEY),
    expected=", ".join(f"coalesce(expected.{name}, 0)" for name in _MONEY),
    found=", ".join(f"coalesce(found.{name}, 0)" for name in _MONEY),
)
# Of sums to date, the last of each month and year.
_CUTS = """
    SELECT cut, grain, {all} FROM spend_cut AS sums
     WHERE organization_id = $1 AND (grain <> ALL($2::text[]) OR period = (
           SELECT max(period) FROM spend_cut AS point
            WHERE point.organization_id = $1 AND point.cut = '' AND point.grain = sums.grain
              AND date_trunc(split_part(sums.grain, '_', 1), point.period)
                  = date_trunc(split_part(sums.grain, '_', 1), sums.period)))
     GROUP BY cut, grain
"""
_ALL = ", ".join(f"coalesce(sum({name}), 0)::bigint" for name in MEASURES)
_CUTS = _CUTS.format(all=_ALL)


async def assert_spend(connection: asyncpg.Connection, organization_id: int, *, has_pending: bool) -> None:
    """Check spend by team and day against the ledger, and all its cuts against it."""
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM spend_day)"):
        noted = await connection.fetchval(
            "SELECT count(*) FROM attribution WHERE organization_id = $1 AND NOT EXISTS ("
            "SELECT FROM stale_spend AS note WHERE note.organization_id = $1"
            " AND note.team_id = attribution.team_id AND note.day = attribution.day)",
            organization_id,
        )
        assert not noted, "the ledger has rows of which no roll-up knows"
        return
    notes = await connection.fetchval("SELECT count(*) FROM stale_spend WHERE organization_id = $1", organization_id)
    waits = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM stale_spend WHERE organization_id = $1 AND artifact_id IS NOT NULL)",
        organization_id,
    )
    differing = await connection.fetch(_DIFFERING, organization_id, not waits)
    assert not differing, f"spend differs from the ledger: {differing}"
    whole = await connection.fetchrow(f"SELECT {_ALL} FROM spend_day WHERE organization_id = $1", organization_id)
    if not notes and not has_pending:
        await _assert_requests(connection, organization_id)
    await _assert_cuts(connection, organization_id, tuple(whole))
    if not notes and not has_pending:
        await assert_artifacts(connection, organization_id)


async def _assert_requests(connection: asyncpg.Connection, organization_id: int) -> None:
    """Check that every request of the windows is in spend."""
    names = ("requests", "failed_requests", "timed_requests", "duration_ms")
    sums = ", ".join(f"coalesce(sum({name}), 0)::bigint" for name in names)
    windows, spend = [
        tuple(await connection.fetchrow(f"SELECT {sums} FROM {table} WHERE organization_id = $1", organization_id))
        for table in ("token_window", "spend_day")
    ]
    assert windows == spend, f"requests differ between windows and spend: {windows}, {spend}"


async def _assert_cuts(connection: asyncpg.Connection, organization_id: int, whole: tuple[int, ...]) -> None:
    """Check that every cut sums to the whole, to date as well, and holds no empty sums."""
    rows = await connection.fetch(_CUTS, organization_id, TO_DATE)
    for cut, grain, *sums in rows:
        assert tuple(sums) == whole, f"spend by {cut!r} and {grain} does not sum to the total: {sums}, {whole}"
    if any(whole):
        known = {cut for cut, *_ in rows}
        assert known == {cut_name(cut) for cut in (*CUTS, OF_MODELS)}, f"cuts are missing or unknown: {known}"
    empty = " AND ".join(f"{name} = 0" for name in MEASURES)
    assert not await connection.fetchval(
        f"SELECT count(*) FROM spend_cut WHERE organization_id = $1 AND {empty}"
        " AND NOT (cut = '' AND grain = ANY($2::text[]))",
        organization_id,
        TO_DATE,
    ), "a cut keeps empty sums"
