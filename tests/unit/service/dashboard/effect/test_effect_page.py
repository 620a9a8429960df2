"""Does it ship more?: the verdict first, and what would have shown."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from service.contracts.effects.study import (
    AdoptionEffects,
    Answer,
    Association,
    EffectsFound,
    EffectShown,
    EffectsShown,
    EffectWeek,
    FalseDate,
    LeftOut,
    ModelEffects,
    OutcomeEffect,
    Returns,
    ReturnsPoint,
    Shipped,
    TrialEffects,
    TrialLeftOut,
    TrialOutcome,
)
from service.dashboard.components.figures import Trust
from service.dashboard.effect.page import EffectPage, build_effect
from service.dashboard.numbers.sureness import Sureness
from service.dashboard.shell.answers import templates
from service.dashboard.shell.frame import build_frame
from service.dashboard.view.view import read_view
from service.queries.teams.comparisons import Thresholds
from service.queries.upkeep.freshness import Freshness

NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
HEARD = Trust("", "Last heard 3 min ago", dot="on")
FRESH = Freshness("Acme", NOW, date(2026, 1, 1), NOW.date(), 0, ("web",), has_pull_requests=True, has_tokens=True)
OUTCOMES: tuple[Shipped, ...] = ("tokens", "merged", "released", "unreverted")


def effect(change: float, low: float, high: float) -> EffectShown:
    return EffectShown(change=change, low=low, high=high, smallest_visible=0.14)


SMALL, LARGE, USE = effect(0.06, -0.04, 0.16), effect(0.25, 0.1, 0.4), effect(2.0, 1.7, 2.3)


def outcome(name: Shipped, found: EffectShown | None, answer: Answer, verdict: str) -> OutcomeEffect:
    weeks = [EffectWeek(week=week, teams=7, effect=found) for week in (-3, -1, 0, 2)] if found else []
    return OutcomeEffect(
        outcome=name,
        answer=answer,
        verdict=verdict,
        effect=USE if name == "tokens" and found else found,
        actual=1_060.0 if found else None,
        expected=1_000.0 if found else None,
        weeks=weeks,
        weekly_growth_before=effect(0.002, -0.01, 0.014) if found else None,
        false_dates=[FalseDate(weeks_before=8, effect=SMALL), FalseDate(weeks_before=4, effect=LARGE)] if found else [],
    )


def adoption(found: EffectShown | None, answer: Answer, verdict: str, adopters: int = 7) -> AdoptionEffects:
    return AdoptionEffects(
        adopters=adopters,
        comparisons=8,
        left_out=LeftOut(small=2, too_early=1, without_comparison=0),
        outcomes=[outcome(name, found, answer, verdict) for name in OUTCOMES],
    )


def studied(of: AdoptionEffects, **more: Any) -> EffectsShown:
    found = EffectsFound(
        adoption=of,
        models=more.get("models", []),
        associations=[Association(outcome="merged", doubled_use=SMALL)],
        returns=more.get("returns"),
        randomised=more.get("randomised", []),
    )
    return EffectsShown(
        sentence="", studied_at=NOW, first_week=date(2026, 4, 6), last_week=date(2026, 10, 26), found=found
    )


NOTHING_SEEN = adoption(SMALL, "no_difference", "no difference seen (would have seen ±14 %)")
MORE = adoption(LARGE, "more", "ships more: +25 % (+10 to +40 %)")
TOO_FEW = adoption(None, "cannot_tell", "cannot tell: 1 team that adopted", adopters=1)
NOT_STUDIED = EffectsShown(
    sentence="We cannot tell yet. Tokens must be known for at least five weeks.",
    studied_at=None,
    first_week=None,
    last_week=None,
    found=None,
)


def page(shown: EffectsShown) -> EffectPage:
    return build_effect(shown, Thresholds(), HEARD, NOW)


def said(built: EffectPage) -> tuple[str, str]:
    why = "".join(text for text, _ in built.answer.why)
    return built.answer.sentence.replace("\u202f", " "), why.replace("\u202f", " ")


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def test_without_a_clear_effect_the_verdict_is_that_we_cannot_tell_and_what_would_have_shown() -> None:
    assert said(page(studied(NOTHING_SEEN))) == (
        "We cannot tell yet. Teams merged 6 % more after they started; chance alone could have done that",
        (
            "The 95 % interval goes from −4 to +16 %. With 7 teams only a change of 14 % or more would have shown, so "
            "this does not prove that agents have no effect either."
        ),
    )


def test_a_clear_effect_comes_with_what_stays_shipped() -> None:
    sentence, why = said(page(studied(MORE)))
    assert sentence == "Teams merge 25 % more after they start with agents"
    assert why == "The 95 % interval goes from +10 to +40 %. Released and not reverted: 25 % more."


def test_too_few_teams_say_how_many_are_needed() -> None:
    assert said(page(studied(TOO_FEW))) == (
        "We cannot tell yet whether agents ship more",
        (
            "1 team started with agents after 8 weeks with known tokens, and 8 can be compared with them. "
            "5 of each are needed."
        ),
    )


def test_teams_that_differed_before_are_no_evidence() -> None:
    before = adoption(SMALL, "cannot_tell", "cannot tell: adopters grew faster before adoption")
    assert said(page(studied(before))) == (
        "We cannot tell yet whether agents ship more",
        "Adopters grew faster before adoption.",
    )


def test_before_the_first_study_the_page_says_what_is_missing() -> None:
    built = page(NOT_STUDIED)
    assert said(built) == ("We cannot tell yet", "Tokens must be known for at least five weeks.")
    assert {figure.shown.sureness for figure in built.strip} == {Sureness.NOTHING}
    assert built.export.rows == []


def test_an_unsure_estimate_looks_so() -> None:
    estimate, visible, teams, before = page(studied(NOTHING_SEEN)).strip
    assert (plain(estimate.shown.text), estimate.shown.sureness) == ("+6 %", Sureness.UNSURE)
    assert plain(estimate.shown.note) == "−4 to +16 %, 95 % interval"
    assert (plain(visible.shown.text), teams.shown.text, before.shown.text) == ("14 %", "7", "flat")
    assert before.lines[0].text == "−1.0 to +1.4 % a week"
    assert page(studied(MORE)).strip[0].shown.sureness is Sureness.SURE


def test_the_chain_has_one_scale_that_follows_what_ships() -> None:
    chain = page(studied(MORE)).chain
    assert chain is not None
    assert [row.name for row in chain.rows] == ["Tokens", "Merged", "Released", "Not reverted"]
    assert [plain(end) for end in chain.ends] == ["−50 %", "0", "+50 %"]
    assert chain.rows[0].cell.range is None, "far beyond the scale"
    assert (plain(chain.rows[1].note), chain.rows[1].cell.is_clear) == ("1.1 k; 1.0 k expected without", True)


def test_false_dates_should_find_nothing_and_say_so_if_they_do() -> None:
    table = page(studied(NOTHING_SEEN)).false_dates
    assert table is not None
    assert [(row.name, row.words) for row in table.rows] == [
        ("4 weeks before", "found something, so be careful"),
        ("8 weeks before", "nothing found, as it should be"),
    ]


def test_weeks_around_the_start_have_a_row_each_also_where_nothing_is_known() -> None:
    chart = page(studied(MORE)).weeks
    assert chart is not None
    assert chart.slots == len(chart.table.rows) == 6
    assert [row.head for row in chart.table.rows[:3]] == ["+2 weeks", "+1 week", "Start"]
    assert chart.table.rows[1].cells == ("–", "–", "–")


def test_left_out_teams_are_counted_with_reasons() -> None:
    assert page(studied(MORE)).left_out == (
        "Left out: 2 with fewer than 5 people or 20 merged pull requests; "
        "1 that started before there were enough weeks to compare with."
    )


def test_returns_say_from_where_on_more_use_goes_with_little_more() -> None:
    points = [
        ReturnsPoint(tokens_per_person=each * 1_000_000.0, relative=1 + each / 10, low=1.0, high=1.5)
        for each in (1, 2, 4)
    ]
    built = page(studied(MORE, returns=Returns(points=points, flat_from=4_000_000.0)))
    assert built.returns is not None
    assert [label.text.replace("\u202f", " ") for label in built.returns.labels] == ["1.0 M", "2.0 M", "4.0 M"]
    assert plain(built.returns_line).startswith("From 4.0 M tokens a person and week on, doubled use")


def test_a_rollout_by_chance_is_named_in_the_answer() -> None:
    trial = TrialEffects(
        name="Claude Code",
        weeks=12,
        given=10,
        held_back=9,
        left_out=TrialLeftOut(small=0, too_early=0),
        outcomes=[TrialOutcome(outcome="merged", answer="more", verdict="Ships more", effect=LARGE, explained=0.5)],
    )
    models = [ModelEffects(model="opus", **{name: getattr(MORE, name) for name in AdoptionEffects.__struct_fields__})]
    built = page(studied(MORE, randomised=[trial], models=models))
    assert said(built)[1].endswith("Chance gave Claude Code to 10 teams and held back 9: ships more.")
    assert built.trials is not None
    assert built.trials.rows[0].note == "10 teams given it, 9 held back, 12 weeks"
    assert built.models is not None
    assert built.models.rows[0].note == "7 teams switched"


def test_the_file_holds_outcomes_and_weeks() -> None:
    export = page(studied(MORE)).export
    assert len(export.rows) == 4 * (1 + 4)
    assert all(len(row) == len(export.columns) for row in export.rows)


@pytest.mark.parametrize("shown", [studied(MORE), studied(NOTHING_SEEN), studied(TOO_FEW), NOT_STUDIED])
def test_the_template_shows_all(shown: EffectsShown) -> None:
    frame = build_frame("Does it ship more?", "/effect", FRESH, NOW, None)
    view = read_view("/effect", [], (), NOW.date())
    text = templates().get_template("effect/page.html").render(frame=frame, page=page(shown), view=view)
    assert "How this is measured" in text
    assert ">None<" not in text


def test_what_the_study_stores_is_what_the_page_reads() -> None:
    stored = msgspec.json.encode(studied(MORE).found)
    assert msgspec.json.decode(stored, type=EffectsFound) == studied(MORE).found
