"""The list of releases in words."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from schema.errors import BadInputError
from service.dashboard.components.figures import Trust
from service.dashboard.numbers.sureness import Sureness
from service.dashboard.releases.facts import ReleasesFacts
from service.dashboard.releases.page import MOVING, ORDERS, ReleasesPage, build_releases
from service.dashboard.releases.routes import PARAMETERS
from service.dashboard.shell.answers import templates
from service.dashboard.shell.frame import build_frame
from service.dashboard.view.view import View, read_view
from service.queries.artifacts.release_lists import ReleasesSum
from service.queries.upkeep.freshness import Freshness
from tests.unit.service.dashboard.releases.shown_releases import FIXED_AT, release, reverted, tokens
from vocabulary.tokens import NANO_USD

TODAY = date(2026, 12, 2)
NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
HEARD = Trust("", "Last heard 3 min ago", dot="on")
FRESH = Freshness("Acme", NOW, date(2026, 1, 1), TODAY, 1, ("web",), has_pull_requests=True, has_tokens=True)
ALIAS = release(9, "0", 0.0, pull_requests=0, tokens=tokens(0), interval=None, reliable=False)
FACTS = ReleasesFacts(
    shown=[
        ALIAS,
        release(3, "273.00", 0.9, fix_released_at=FIXED_AT, reverted=reverted(2)),
        release(2, "20.00", 0.4),
        release(1, "20.00", 0.4, reliable=True, pull_requests=30, state="tag"),
    ],
    moving={ALIAS.artifact_id},
    has_more=True,
    sums=ReleasesSum(26, 613 * NANO_USD, 1),
    sums_before=ReleasesSum(20, 613 * NANO_USD, 3),
    waiting_nano_usd=98 * NANO_USD,
)


def view(**query: str) -> View:
    return read_view("/releases", query.items(), PARAMETERS, TODAY, {"sort": ORDERS})


def page(facts: ReleasesFacts = FACTS, **query: str) -> ReleasesPage:
    return build_releases(view(**query), facts, HEARD)


def test_the_answer_names_the_newest_release_that_ships_something() -> None:
    assert page().answer.sentence == "26 releases; the newest, acme/web@v1.3.0, cost $273"
    why = "".join(text for text, _ in page().answer.why)
    assert why.startswith("A fix release followed 1 of them within 14 days.")
    assert "$98.00 of the period" in why
    assert page(sort="least", team="web").answer.sentence.startswith("26 releases of web; the dearest, ")
    weak = replace(FACTS, shown=FACTS.shown[2:])
    assert page(weak).answer.sentence == "26 releases; the newest, acme/web@v1.2.0, cost between $10 and $40"


def test_rows_say_how_sure_they_are_and_what_came_back() -> None:
    alias, sure, weak, summed = page().rows
    assert (alias.note, alias.is_moving, alias.cost.sureness) == (MOVING, True, Sureness.NOTHING)
    assert (sure.cost.text, sure.came_back) == ("$273", "2 reverted, a fix after 3 days")
    assert (weak.cost.text, weak.cost.sureness) == ("$10–40", Sureness.UNSURE)
    assert (summed.cost.text, summed.cost.sureness, summed.note) == ("$20.00", Sureness.GOOD, "tag")
    assert summed.range is not None
    assert summed.range.point is not None


def test_rows_and_pages_keep_the_view() -> None:
    built = page(period="4w", sort="least", price="billed", page="2")
    assert built.rows[1].address == f"/releases/a1_{3:064x}?period=4w&price=billed"
    assert built.pages.before == "/releases?period=4w&price=billed&sort=least"
    assert built.pages.after.endswith("&page=3")
    assert built.order["newest"].address == "/releases?period=4w&price=billed"
    assert built.line == "21 to 24 of 26, by what each cost at least."


def test_without_any_the_page_says_so() -> None:
    built = page(ReleasesFacts(waiting_nano_usd=0), team="web")
    assert built.answer.sentence == "No release of web in these 12 weeks"
    assert built.strip[1].shown.sureness is Sureness.NOTHING
    assert len(page(ReleasesFacts()).strip) == 3


def test_a_small_team_is_withheld() -> None:
    built = page(ReleasesFacts(withheld="the team has fewer than 5 people"), team="web")
    assert built.is_withheld
    assert {figure.shown.sureness for figure in built.strip} == {Sureness.WITHHELD}


def test_a_file_holds_no_single_figure_of_what_is_an_estimate() -> None:
    rows = [dict(zip(page().export.columns, row, strict=True)) for row in page().export.rows]
    assert [row["cost_usd"] for row in rows] == ["0", "273.00", None, "20.00"]
    assert [row["is_moving_tag"] for row in rows] == [True, False, False, False]
    assert (rows[2]["cost_low_usd"], rows[2]["tokens"]) == ("14.00", None)


def test_another_order_is_refused() -> None:
    with pytest.raises(BadInputError, match="must be one of newest, least"):
        view(sort="merged")


@pytest.mark.parametrize(
    "facts", [FACTS, replace(FACTS, is_exact=False), ReleasesFacts(), ReleasesFacts(withheld="small")]
)
def test_the_template_draws_it(facts: ReleasesFacts) -> None:
    frame = build_frame("Releases", "/releases", FRESH, NOW, view())
    text = templates().get_template("releases/page.html").render(frame=frame, page=page(facts), view=view())
    assert " style=" not in text
    assert text.count("<h1>") == 1
