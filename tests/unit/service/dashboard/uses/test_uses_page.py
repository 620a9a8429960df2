"""Models, workflows and prompts in words."""

from dataclasses import replace
from datetime import UTC, date, datetime

import msgspec
import pytest

from service.contracts.effects.iterations import IterationGroup, IterationRates, IterationsShown, RateShown
from service.contracts.effects.study import EffectShown, VersionEffect
from service.contracts.spend.outcomes import PromptShown
from service.dashboard.components.fates import FATES, Fates
from service.dashboard.components.figures import Trust
from service.dashboard.numbers.sureness import Sureness
from service.dashboard.shell.answers import templates
from service.dashboard.shell.frame import build_frame
from service.dashboard.uses.chosen import ChosenPage, build_chosen
from service.dashboard.uses.facts import ChosenFacts, Use, UsesFacts
from service.dashboard.uses.page import UsesPage, build_uses
from service.dashboard.view.view import View, read_view
from service.queries.spend.reading import Amounts
from service.queries.upkeep.freshness import Freshness
from vocabulary.tokens import NANO_USD, TokenCounts

TODAY = date(2026, 12, 2)
NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
HEARD = Trust("", "Last heard 3 min ago", dot="on")
FRESH = Freshness("Acme", NOW, date(2026, 1, 1), TODAY, 0, ("web",), has_pull_requests=True, has_tokens=True)
PARAMETERS = ("period", "compare", "team", "model", "workflow", "prompt", "unit", "price")


def view(path: str = "/compare/model", **query: str) -> View:
    return read_view(path, query.items(), PARAMETERS, TODAY)


def use(dollars: int, before: int, millions: int, shipped: int = 0) -> Use:
    tokens = TokenCounts(millions * 100_000, millions * 900_000)
    now = Amounts(tokens, dollars * NANO_USD, requests=1_000, failed_requests=5)
    return Use(now, Amounts(TokenCounts(before), before * NANO_USD), shipped * NANO_USD)


def version(new: str, old: str, change: float, *, side_by_side: bool = True, teams: int = 6) -> VersionEffect:
    def effect(around: float) -> EffectShown:
        return EffectShown(change=around, low=around - 0.05, high=around + 0.05, smallest_visible=0.07)

    return VersionEffect(
        new=new,
        old=old,
        kind="model",
        design="side_by_side" if side_by_side else "before_after",
        teams=teams,
        sentence=f"{new} compared with {old}.",
        input_tokens=effect(0.01),
        output_tokens=effect(0.5),
        cost=effect(change),
        failed=None,
        merged=None,
        reverted=None,
    )


def rates(each: float) -> IterationRates:
    rate = RateShown(total=10, each=each, low=None, high=None)
    return IterationRates(pushes_after_opening=rate, review_rounds=rate, reverted=rate, fix_released=rate)


STUDIED = IterationsShown(
    sentence="Pull requests made with codex had 12 % more pushes after opening.",
    first_day=None,
    last_day=None,
    studied_at=NOW,
    total=None,
    bots=None,
    items=[
        IterationGroup(group="sonnet", withheld_reason=None, pull_requests=24, teams=5, rates=rates(0.5)),
        IterationGroup(group="", withheld_reason="the group has fewer than 20 pull requests"),
        IterationGroup(group=None, withheld_reason=None, pull_requests=30, teams=5, rates=rates(0.2), sentence="More."),
    ],
)
FACTS = UsesFacts(
    "model",
    {"model": {"opus": use(600, 300, 200, 450), "codex": use(300, 500, 600, 100), "": use(100, 200, 100)}},
    versions=[version("codex", "opus", 0.01), version("opus 5", "opus", -0.2)],
    iterations={"model_family": STUDIED},
)


def page(facts: UsesFacts = FACTS, not_compared: str = "", **query: str) -> UsesPage:
    return build_uses(view(**query), facts, HEARD, not_compared)


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def why(built: UsesPage | ChosenPage) -> str:
    return plain("".join(text for text, _ in built.answer.why))


def test_the_answer_names_the_most_used_and_the_dearest_tokens() -> None:
    built = page()
    assert plain(built.answer.sentence) == (
        "opus takes 60 % of spend; its tokens cost 6.0 times as much as those of the other models"
    )
    assert why(built).startswith("The share of opus rose by 30 points. opus 5 compared with opus.")


def test_uses_have_share_shipped_part_price_caching_and_failures() -> None:
    opus, codex, unknown = page().rows
    assert [plain(each) for each in opus] == [
        *("opus", "/compare/model?model=opus", "model-1", "$600", "60.0 %", "30.0 %", "75 %"),
        *("200 M", "$3.00", "90 %", "0.5 %"),
    ]
    assert codex.price == "$0.50"
    assert (unknown.name, unknown.address) == ("unknown model", "")


def test_many_uses_end_with_the_rest_as_one() -> None:
    many = {f"model {number}": use(1, 0, 1) for number in range(60)}
    built = page(replace(FACTS, by={"model": many}))
    assert (len(built.rows), built.rows[-1].name, built.rows[-1].spend) == (50, "11 others", "$11.00")
    assert len(built.export.rows) == 60


def test_versions_that_differ_clearly_come_first_and_are_bold() -> None:
    rows = page().versions.rows
    assert [(row.new, row.cost.is_clear) for row in rows] == [("opus 5", True), ("codex", False)]
    assert (plain(rows[0].cost.change), plain(rows[0].cost.interval)) == ("−20 %", "−25 to −15 %")
    assert plain(rows[0].others) == "output tokens +50 %"
    assert rows[0].note == "6 teams, in the same weeks"


def test_before_and_after_is_shown_only_where_no_weeks_were_shared() -> None:
    pairs = [
        version("b", "a", 0.1),
        version("b", "a", 0.3, side_by_side=False),
        version("c", "b", 0.1, side_by_side=False, teams=1),
    ]
    rows = page(replace(FACTS, versions=pairs)).versions.rows
    assert [(row.new, row.note) for row in rows] == [
        ("b", "6 teams, in the same weeks"),
        ("c", "1 team, before and after"),
    ]


def test_rework_shows_rates_and_says_why_a_group_is_withheld() -> None:
    [table] = page().rework
    sonnet, small, without = table.rows
    assert (table.title, sonnet.pushes, plain(sonnet.reverted)) == ("Rework by model", "0.5", "50 %")
    assert (small.name, small.pushes, small.is_withheld) == ("unknown model", "–", True)
    assert small.note == "Withheld: the group has fewer than 20 pull requests"
    assert (without.name, without.note) == ("without tokens", "More.")


def test_prompts_have_versions_and_ranks() -> None:
    prompt = PromptShown(
        workflow="review",
        prompt_version="review/7",
        rank=1,
        days=30,
        outcomes=1_200,
        tokens=5_000_000,
        cost_usd="12.00",
        tokens_per_outcome=4_166.7,
        low=4_000,
        high=4_400,
        cost_per_outcome_usd="0.01",
        success_rate=0.9,
        quality=None,
        than_first=None,
    )
    other = msgspec.structs.replace(prompt, prompt_version="", rank=None, tokens_per_outcome=None, low=None)
    facts = UsesFacts(
        "workflow",
        {"workflow": {"review": use(10, 0, 1)}, "prompt_version": {"review/7": use(10, 0, 1), "": use(1, 0, 1)}},
        prompts=[prompt, other],
    )
    built = build_uses(view("/compare/workflow"), facts, HEARD, "")
    assert plain(built.answer.sentence) == "review is the only workflow: $10.00, 100 % of spend"
    assert [row.address for row in built.prompts] == ["/compare/workflow?prompt=review/7"]
    first, second = built.ranked
    assert [plain(each) for each in first] == [
        *("review/7", "review", "1", "1,200", "4.2 k", "4.0 k – 4.4 k", "$0.01", "90 %", "–")
    ]
    assert (second.name, second.rank, second.tokens, second.interval) == ("without a version", "–", "–", "")


def test_a_withheld_team_has_no_figures() -> None:
    built = page(UsesFacts("model", withheld="it has 3 people"), team="web")
    assert built.answer.sentence == "Figures of web are withheld"
    assert {figure.shown.sureness for figure in built.strip} == {Sureness.WITHHELD}
    assert built.export.rows == []


def week(dollars: int) -> Fates:
    return {
        fate: Amounts(TokenCounts(dollars), dollars * NANO_USD) if fate == "merged" else Amounts() for fate in FATES
    }


CHOSEN = ChosenFacts(
    "model",
    "opus",
    [week(50)] * 13,
    use(600, 300, 200, 450),
    use(1_000, 1_000, 900),
    {"workflow": {"": use(600, 300, 200)}, "prompt_version": {"review/7": use(600, 300, 200)}},
    [version("opus 5", "opus", -0.2)],
)


def chosen(facts: ChosenFacts = CHOSEN, not_compared: str = "") -> ChosenPage:
    return build_chosen(view(model="opus"), facts, HEARD, not_compared, None)


def test_one_model_is_compared_with_all_spend_and_its_past() -> None:
    built = chosen()
    assert plain(built.answer.sentence) == "opus cost $600 in 12 weeks, 60 % of all spend; 75 % of it shipped"
    assert why(built) == "+100 % on the 12 weeks before."
    assert [plain(figure.shown.text) for figure in built.strip] == ["$600", "60 %", "$3.00", "75 %"]
    assert built.strip[1].lines[0].strong == "+30 points"
    assert built.others == "/compare/model"


def test_parts_without_names_are_left_out_and_others_lead_on() -> None:
    [table] = chosen().parts
    assert (table.title, table.head) == ("By prompt version", "Prompt version")
    assert table.rows[0].address == "/compare/workflow?prompt=review/7"


def test_what_was_not_used_says_so() -> None:
    empty = replace(CHOSEN, use=Use(), fates=[week(0)] * 13, by={})
    assert chosen(empty).answer.sentence == "opus was not used in these 12 weeks"
    fresh = replace(CHOSEN, use=use(5, 0, 1))
    assert why(chosen(fresh)) == "It was not used in the 12 weeks before."


@pytest.mark.parametrize("facts", [FACTS, UsesFacts("workflow"), UsesFacts("model", withheld="it has 3 people")])
def test_the_template_shows_all(facts: UsesFacts) -> None:
    frame = build_frame("Compare", "/compare/model", FRESH, NOW, view())
    text = templates().get_template("uses/page.html").render(frame=frame, page=page(facts), view=view())
    assert "Side by side" in text
    assert ">None<" not in text


def test_the_template_of_one_shows_all() -> None:
    frame = build_frame("opus", "/compare/model", FRESH, NOW, view(model="opus"))
    text = templates().get_template("uses/chosen.html").render(frame=frame, page=chosen(), view=view(model="opus"))
    assert "By prompt version" in text
