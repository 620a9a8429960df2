"""Which teams are shown apart, and why spend changed as a sentence."""

from collections.abc import Mapping, Sequence

import pytest

from service.api.ledger import team_changes as changes_module
from service.api.ledger.change_sentence import change_sentence
from service.api.ledger.team_changes import SMALLER, TeamChange, group_teams, plus, sum_causes, team_change, total
from service.queries.spend.model_uses import Sold
from service.queries.teams.comparisons import Thresholds
from vocabulary.causes.split import Causes, ModelUse, Use, split_change
from vocabulary.tokens import TokenCounts

DOLLAR = 10**9
SONNET, OPUS = Sold("anthropic", "sonnet"), Sold("anthropic", "opus")
TOKENS = TokenCounts(3_000, 40_000, 800, 400, 0)


def use(requests: int, dollars: float) -> Use:
    return Use(requests, TokenCounts(*(requests * each for each in TOKENS)), round(dollars * DOLLAR))


def models(before: float, after: float, sold: Sold = SONNET) -> dict[Sold, ModelUse]:
    return {sold: ModelUse(use(round(before), before), use(round(after), after))}


def changes(
    teams: Mapping[str, Mapping[Sold, ModelUse]], sizes: Mapping[str, int | None] | None = None
) -> list[TeamChange]:
    changed = {
        name: sum(use.after.nano_usd - use.before.nano_usd for use in uses.values()) for name, uses in teams.items()
    }
    groups = group_teams(changed, sizes or {}, Thresholds())
    return [team_change(group, together([teams[name] for name in group.teams])) for group in groups]


def together(teams: Sequence[Mapping[Sold, ModelUse]]) -> dict[Sold, ModelUse]:
    summed: dict[Sold, ModelUse] = {}
    for sold, used in ((sold, used) for each in teams for sold, used in each.items()):
        known = summed.get(sold, ModelUse())
        summed[sold] = ModelUse(plus(known.before, used.before), plus(known.after, used.after))
    return summed


def sentence(teams: Mapping[str, Mapping[Sold, ModelUse]]) -> str:
    return change_sentence(changes(teams))


def test_teams_come_by_the_size_of_their_change() -> None:
    found = changes({"a": models(10, 20), "b": models(100, 20), "c": models(10, 50)})
    assert [each.team for each in found] == ["b", "c", "a"]
    assert [each.nano_usd // DOLLAR for each in found] == [-80, 40, 10]


def test_small_teams_come_together_and_never_one_alone() -> None:
    teams = {"web": models(10, 20), "mobile": models(10, 90), "data": models(10, 70)}
    shown, together = changes(teams, {"web": 9, "mobile": 3, "data": 9})
    assert (shown.team, together.team, together.teams) == ("data", None, 2)
    assert together.together_reason == "some have fewer than 5 people, and the total would reveal a single one"
    assert together.nano_usd == 90 * DOLLAR


def test_a_single_team_is_shown_whatever_its_size() -> None:
    (shown,) = changes({"web": models(10, 20)}, {"web": 1})
    assert shown.team == "web"


def test_many_teams_come_together_and_all_sum_to_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes_module, "MOST_TEAMS", 3)
    teams = {f"team {number}": models(10 + number, 3 * number, (SONNET, OPUS)[number % 2]) for number in range(9)}
    found = changes(teams)
    assert [(each.teams, each.together_reason) for each in found] == [(1, None)] * 3 + [(6, SMALLER)]
    whole = sum(each.after.nano_usd - each.before.nano_usd for each in found)
    assert sum(sum_causes(found)) == whole == sum((3 * number - 10 - number) * DOLLAR for number in range(9))
    assert total(each.before for each in found).requests == sum(10 + number for number in range(9))


def test_the_causes_of_teams_together_are_those_of_their_sum() -> None:
    one, other = models(10, 30), models(10, 30, OPUS)
    _, together = changes({"a": one, "b": other, "c": models(5, 500)}, {"a": 2, "b": 2, "c": 9})
    assert together.causes == split_change([*one.values(), *other.values()])


def test_nothing_spent_has_no_causes() -> None:
    assert changes({}) == []
    assert sum_causes([]) == Causes()
    assert sentence({}) == "Nothing was spent in either period."


def test_a_sentence_names_the_team_that_made_most_of_a_cause() -> None:
    assert sentence({"checkout": models(1_000, 1_310), "web": models(1_300, 1_310)}) == (
        "Spend rose $320 (+14 %): +$320 more requests by checkout."
    )
    assert sentence({"checkout": models(100, 150), "web": models(100, 150)}) == (
        "Spend rose $100 (+50 %): +$100 more requests."
    )


def test_a_sentence_names_models_between_which_requests_moved() -> None:
    moved = {
        SONNET: ModelUse(use(1_000, 100), use(500, 50)),
        OPUS: ModelUse(use(100, 50), use(600, 300)),
    }
    assert sentence({"web": moved}) == "Spend rose $200 (+133 %): +$200 from sonnet to opus."


@pytest.mark.parametrize(
    ("requests", "clauses"),
    [
        (1_100, "{minus}$859 fewer tokens per request, +$109 more requests"),
        (1_004, "{minus}$754 fewer tokens per request"),  # and +$4 more requests
    ],
)
def test_a_sentence_names_savings_too_and_leaves_out_what_is_small(requests: int, clauses: str) -> None:
    shorter = use(500, 750)._replace(requests=requests)
    assert sentence({"web": {SONNET: ModelUse(use(1_000, 1_500), shorter)}}) == (
        "Spend fell $750 ({minus}50 %): " + clauses + "."
    ).format(minus="\N{MINUS SIGN}")


def test_cents_are_shown_of_small_amounts_only() -> None:
    assert sentence({"web": models(10, 30)}) == "Spend rose $20.00 (+200 %): +$20.00 more requests."


def test_causes_that_cancel_are_still_named() -> None:
    halved = ModelUse(use(100, 200), use(200, 200))
    assert sentence({"web": {SONNET: halved}}) == (
        "Spend stayed the same: +$150 more requests, \N{MINUS SIGN}$150 lower prices."
    )


def test_what_did_not_change_is_said() -> None:
    assert sentence({"web": models(200, 200)}) == "Spend did not change: $200 in both periods."


def test_spend_that_began_has_no_percentage() -> None:
    assert sentence({"web": models(0, 200)}) == "Nothing was spent before; spend rose $200: +$200 more requests."
