"""Rows of the ledger by period and team."""

from datetime import date

from service.api.ledger.ledger_rows import ledger_rows
from service.queries.ledger.spend import Spend
from service.queries.ledger.totals import Ledger
from service.queries.spend.buckets import Bucket
from service.queries.spend.runs import Span
from vocabulary.tokens import TokenCounts

OCTOBER = Bucket(Span(date(2026, 10, 1), date(2026, 10, 31)))
NOVEMBER = Bucket(Span(date(2026, 11, 1), date(2026, 11, 30)), OCTOBER.span)


def ledger(tokens: int) -> Ledger:
    return Ledger(received=Spend(TokenCounts(tokens), tokens), merged=Spend(TokenCounts(tokens), tokens))


def test_every_bucket_has_a_row_even_without_tokens() -> None:
    rows = ledger_rows({(2, ""): ledger(5)}, None, [OCTOBER, NOVEMBER], {}, by_team=False)

    assert list(rows) == [(1, ""), (2, "")]
    assert [row.parts.received.total for row in rows.values() if row.parts] == [0, 5]
    assert {row.before for row in rows.values()} == {None}


def test_a_team_that_was_only_there_before_has_a_row() -> None:
    rows = ledger_rows({(1, "a"): ledger(5)}, {(1, "b"): ledger(8)}, [NOVEMBER], {}, by_team=True)

    gone = rows[1, "b"]
    assert gone.parts is not None
    assert gone.change is not None
    assert (gone.team, gone.parts.merged.total, gone.change.merged.total) == ("b", 0, -8)
    assert gone.change.merged.cost_usd == "-0.000000008"
    assert gone.change.difference.total == 0


def test_a_withheld_team_has_no_figures_and_takes_another_with_it() -> None:
    now = {(1, "tiny"): ledger(1), (1, "big"): ledger(5), (1, "huge"): ledger(9)}

    rows = ledger_rows(now, now, [NOVEMBER], {"tiny": "small"}, by_team=True)

    assert [(place[1], row.parts is None) for place, row in rows.items()] == [
        ("big", True),
        ("huge", False),
        ("tiny", True),
    ]
    assert rows[1, "tiny"].withheld_reason == "small"


def test_all_time_has_no_first_day() -> None:
    rows = ledger_rows({(1, ""): ledger(5)}, None, [OCTOBER], {}, by_team=False, has_start=False)

    assert rows[1, ""].period_start is None
