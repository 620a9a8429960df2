"""The page of one release in words."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from service.contracts.attribution import ModelShare
from service.contracts.release import TeamShare
from service.dashboard.components.figures import Trust
from service.dashboard.release.facts import ReleaseFacts
from service.dashboard.release.page import ReleasePage, build_release, forge_link
from service.dashboard.shell.answers import templates
from service.dashboard.shell.frame import Crumb, build_frame
from service.dashboard.view.view import CARRIED, View, read_view
from service.queries.artifacts.one_release import OtherRelease, Reverted, WeekSpend
from service.queries.upkeep.freshness import Freshness
from tests.unit.service.dashboard.pull_requests.shown import attribution
from tests.unit.service.dashboard.releases.shown_releases import FIXED_AT, RELEASED_AT, release, reverted, tokens
from vocabulary.tokens import NANO_USD

TODAY = date(2026, 12, 2)
NOW = datetime(2026, 12, 2, 19, tzinfo=UTC)
HEARD = Trust("Telemetry:", "last heard 3 min ago", dot="on")
FRESH = Freshness("Acme", NOW, date(2026, 1, 1), TODAY, 1, ("web",), has_pull_requests=True, has_tokens=True)
BEFORE = OtherRelease(b"\2" * 32, "acme/web@v1.2.0", RELEASED_AT - timedelta(days=30), 272 * NANO_USD)
FIX = OtherRelease(b"\3" * 32, "acme/web@v1.3.1", FIXED_AT, NANO_USD)
FACTS = ReleaseFacts(
    shown=release(3, "273.00", 0.9),
    repository="github.com/acme/web",
    before=BEFORE,
    weeks=[WeekSpend(date(2026, 11, 2), 400, 173 * NANO_USD), WeekSpend(date(2026, 11, 16), 600, 100 * NANO_USD)],
    dearest=[attribution(1, "173.00", 1.0), attribution(2, "100.00", 0.4)],
)
WEAK = replace(FACTS, shown=release(3, "20.00", 0.4))
BACK = replace(
    FACTS,
    shown=release(3, "273.00", 0.9, reverted=reverted(1, "7.00"), fix_released_at=FIXED_AT),
    reverted=[Reverted(b"\4" * 32, "acme/web#4", FIXED_AT, None, None)],
    fixed_by=[FIX],
)


def view(**query: str) -> View:
    return read_view(f"/releases/{FACTS.shown.artifact_id}", query.items(), ("price",), TODAY, kept=CARRIED)


def page(facts: ReleaseFacts = FACTS, **query: str) -> ReleasePage:
    return build_release(view(**query), facts, HEARD, NOW)


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def why(facts: ReleaseFacts) -> str:
    return plain("".join(text for text, _ in page(facts).answer.why)).strip()


def drawn(facts: ReleaseFacts) -> str:
    frame = build_frame("v1.3.0", view().path, FRESH, NOW, view(), "", [Crumb("Releases", "/releases")])
    return templates().get_template("release/page.html").render(frame=frame, page=page(facts), view=view())


def test_the_answer_is_the_cost_beside_the_release_before() -> None:
    assert page().answer.sentence == "acme/web@v1.3.0 cost $273"
    assert why(FACTS) == "It ships 4 pull requests. About as much as acme/web@v1.2.0 ($272)."
    cheap = replace(FACTS, before=BEFORE._replace(nano_usd=546 * NANO_USD))
    assert why(cheap).endswith("50 % less than acme/web@v1.2.0 ($546).")
    dear = replace(FACTS, before=BEFORE._replace(nano_usd=100 * NANO_USD))
    assert why(dear).endswith("2.7 times acme/web@v1.2.0 ($100).")


def test_what_came_back_is_said_and_linked() -> None:
    built = page(BACK, period="4w")
    assert why(BACK).endswith("1 more was reverted and is not counted. A fix release followed after 3 days.")
    assert [(row.title, row.text) for row in built.came_back] == [
        ("acme/web#4 was reverted", "21 Nov 2026, by a commit"),
        ("acme/web@v1.3.1 fixed it", "21 Nov 2026, cost $1.00"),
    ]
    assert built.came_back[1].link == f"/releases/a1_{'03' * 32}?period=4w"
    fixing = page(replace(FACTS, fixes=[BEFORE]))
    assert fixing.came_back[0].title == "It fixed acme/web@v1.2.0"


def test_nothing_came_back_only_once_the_days_are_over() -> None:
    assert page().nothing_came_back == "No revert, and no fix release within 14 days."
    early = build_release(view(), FACTS, HEARD, RELEASED_AT + timedelta(days=4))
    assert early.nothing_came_back == "Nothing so far; a fix counts for 11 more days."


def test_an_estimate_shows_shares_only() -> None:
    built = page(WEAK)
    assert built.answer.sentence == "acme/web@v1.3.0 cost between $10 and $40"
    assert why(WEAK) == "It ships 4 pull requests."
    assert built.notices[0].title == "An estimate, not a measurement."
    assert {row.dollars for row in [*built.models, *built.teams]} == {""}
    assert built.weeks is not None
    assert built.weeks.axis.unit == "share"
    assert "20.00" not in drawn(WEAK)


def test_weeks_without_spend_are_drawn_too() -> None:
    weeks = page().weeks
    assert weeks is not None
    assert [(row.head, row.cells) for row in weeks.table.rows] == [
        ("16 Nov", ("$100",)),
        ("9 Nov", ("$0.00",)),
        ("2 Nov", ("$173",)),
    ]
    assert [mark.text for mark in weeks.marks] == ["released"]


def test_models_beyond_the_first_are_one_and_add_up() -> None:
    models = [ModelShare(model=name, tokens=tokens(1), cost_usd=f"{each}") for each, name in enumerate("abcdef", 1)]
    rows = page(replace(FACTS, shown=release(3, "21", 0.9, by_model=models))).models
    assert [(row.name, row.dollars) for row in rows] == [
        ("f", "$6.00"),
        ("e", "$5.00"),
        ("d", "$4.00"),
        ("3 others", "$6.00"),
    ]
    assert sum(float(plain(row.share).removesuffix(" %")) for row in rows) == pytest.approx(100)


def test_a_small_team_is_withheld_with_the_reason() -> None:
    teams = [TeamShare(team="tiny", tokens=None, cost_usd=None, withheld_reason="too few people")]
    facts = replace(FACTS, shown=msgspec.structs.replace(FACTS.shown, by_team=teams))
    assert "Withheld: too few people" in drawn(facts)


def test_a_tag_that_moves_and_a_release_without_pull_requests_say_so() -> None:
    empty = release(3, "0", 0.0, pull_requests=0, tokens=tokens(0), interval=None, by_model=[], by_team=[])
    nothing = ReleaseFacts(shown=empty)
    assert page(nothing).answer.sentence == "acme/web@v1.3.0 ships no pull request that is known"
    moving = page(replace(nothing, is_moving=True))
    assert moving.answer.sentence == "acme/web@v1.3.0 names other releases and ships nothing itself"
    assert "Nothing was spent on it" in drawn(nothing)


def test_what_may_be_more_than_a_package_is_said() -> None:
    facts = replace(FACTS, shown=release(3, "273.00", 0.9, by_package_folder=False))
    assert page(facts).notices[0].title == "It may hold more than the package."


@pytest.mark.parametrize(
    ("forge", "repository", "label", "address"),
    [
        ("github", "github.com/acme/web", "acme/web@v1.2.0", "https://github.com/acme/web/releases/tag/v1.2.0"),
        ("gitlab", "gitlab.com/a/web", "a/web@pkg/v1", "https://gitlab.com/a/web/-/releases/pkg/v1"),
        ("github", "github.com/acme/web", 'acme/web@v1" onclick="x', ""),
        ("github", None, "acme/web@v1", ""),
    ],
)
def test_the_forge_is_a_click_away_where_labels_are_on(
    forge: str, repository: str | None, label: str, address: str
) -> None:
    assert forge_link(forge, repository, label) == address


def test_a_file_holds_what_it_ships_and_what_was_reverted() -> None:
    rows = [dict(zip(page(BACK).export.columns, row, strict=True)) for row in page(BACK).export.rows]
    assert [(row["label"], row["reverted"], row["cost_usd"]) for row in rows] == [
        ("acme/web#1", False, "173.00"),
        ("acme/web#2", False, None),
        ("acme/web#4", True, None),
    ]


@pytest.mark.parametrize("facts", [FACTS, WEAK, BACK])
def test_the_template_draws_it(facts: ReleaseFacts) -> None:
    text = drawn(facts)
    assert " style=" not in text
    assert text.count("<h1>") == 1
