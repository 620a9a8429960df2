from tests.unit.workers.statistics.worlds import outcome, rollout
from workers.statistics.estimates import Estimate
from workers.statistics.event_study import EventStudy
from workers.statistics.placebo import Placebo
from workers.statistics.trend import differed_before, trend_before


def test_growth_of_adopters_before_adoption_is_found() -> None:
    known = rollout(adopters=6, others=6)

    found = trend_before(known, outcome(known, 1.5, trend=0.01))

    assert found is not None
    assert round(found.log_ratio, 6) == 0.01


def test_growth_is_unknown_where_every_team_adopts() -> None:
    known = rollout(adopters=12, others=0)

    assert trend_before(known, outcome(known, 1.5)) is None


def false_date(shift: int, log_ratio: float) -> Placebo:
    return Placebo(shift, EventStudy(Estimate(log_ratio, 0.1, 20), (), 100, 100))


def test_a_clear_difference_before_adoption_is_named() -> None:
    calm, grown = Estimate(0.001, 0.001, 20), Estimate(0.004, 0.001, 20)

    assert differed_before(calm, (false_date(4, 0.1), false_date(8, -0.1))) is None
    assert differed_before(grown, ()) == "adopters grew differently before adoption"
    assert differed_before(calm, (false_date(4, 0.1), false_date(8, -0.5))) == (
        "adopters changed already in the 8 weeks before adoption"
    )


def test_of_several_false_dates_one_must_differ_more_clearly_than_a_single_one() -> None:
    single, several = (false_date(4, 0.25),), (false_date(4, 0.25), false_date(8, 0.0), false_date(12, 0.0))

    assert differed_before(None, single) is not None
    assert differed_before(None, several) is None
