from datetime import date

from service.api.ownership.segments import Segment, plan_of
from service.queries.spend.reading import Amounts, Cell
from service.queries.spend.runs import Span
from vocabulary.tokens import TokenCounts

OCTOBER = Span(date(2026, 10, 1), date(2026, 10, 31))
EARLY, LATE = Span(OCTOBER.first, date(2026, 10, 9)), Span(date(2026, 10, 10), OCTOBER.last)
# Thursday to Friday of the next week: 4 days, a week less 2; then 2 days, three weeks less 1.
SEGMENTS = [Segment(1, EARLY), Segment(1, LATE), Segment(2, Span(date(2026, 11, 1), date(2026, 11, 30)))]


def cell(bucket: int, group: str, tokens: int, nano_usd: int) -> Cell:
    amounts = Amounts(TokenCounts(tokens), nano_usd)
    return Cell(bucket, (group,), amounts, Amounts(), (bucket, group, ""))


def test_the_segment_with_the_most_days_follows_from_the_whole_bucket() -> None:
    plan = plan_of(SEGMENTS)

    whole = Segment(1, OCTOBER)
    assert plan.read == [SEGMENTS[1], whole, SEGMENTS[2]]
    assert plan.following == {whole: SEGMENTS[0]}


def test_what_follows_is_the_whole_less_the_rest_for_each_group() -> None:
    plan = plan_of(SEGMENTS)
    late, whole, november = plan.read
    found = [
        *((late, cell(1, "web", 3, 30)), (late, cell(1, "data", 1, 10))),
        *((whole, cell(2, "web", 10, 100)), (whole, cell(2, "data", 1, 10)), (whole, cell(2, "ios", 5, 50))),
        (november, cell(3, "web", 7, 70)),
    ]

    shown = {
        (segment, each.groups[0]): (each.now.tokens.total, each.now.nano_usd) for segment, each in plan.complete(found)
    }

    assert shown == {
        (late, "web"): (3, 30),
        (late, "data"): (1, 10),
        (SEGMENTS[0], "web"): (7, 70),
        (SEGMENTS[0], "data"): (0, 0),
        (SEGMENTS[0], "ios"): (5, 50),
        (november, "web"): (7, 70),
    }
