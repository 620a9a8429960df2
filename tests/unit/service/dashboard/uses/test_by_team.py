"""What teams spend on which models."""

from service.dashboard.uses.by_team import TeamTable, note_of, team_parts, team_table
from service.dashboard.uses.facts import TeamUse, TeamUses

DOLLAR = 10**9
DEAREST = ["opus", "sonnet", "", "haiku", "mini"]
FOUND = TeamUses(
    [
        TeamUse("web", {"opus": 60 * DOLLAR, "haiku": 40 * DOLLAR}),
        TeamUse("mobile", {"sonnet": 20 * DOLLAR, "": 20 * DOLLAR}),
    ]
)


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def table(found: TeamUses = FOUND) -> TeamTable:
    return team_table(found, DEAREST, "unknown model", lambda name: f"/compare/model?team={name}")


def test_columns_are_the_dearest_of_all_in_the_colours_of_the_page() -> None:
    assert table().columns == [
        ("model-1", "opus"),
        ("model-2", "sonnet"),
        ("model-3", "unknown model"),
        ("model-4", "Others"),
    ]


def test_a_team_has_the_shares_of_its_own_spend_and_a_bar_of_them() -> None:
    web, mobile = table().rows
    assert [plain(each) for each in web.shares] == ["60 %", "–", "–", "40 %"]
    assert [plain(each) for each in mobile.shares] == ["–", "50 %", "50 %", "–"]
    assert [(each.kind, each.width) for each in web.bar] == [("model-1", 60.0), ("model-4", 40.0)]
    assert plain(web.text) == "opus 60 %, sonnet –, unknown model –, others 40 %"
    assert (web.address, web.spend) == ("/compare/model?team=web", "$100")


def test_what_no_shown_team_used_has_no_column() -> None:
    only = table(TeamUses([TeamUse("web", {"haiku": DOLLAR}), TeamUse("mobile", {"opus": DOLLAR})]))
    assert only.columns == [("model-1", "opus"), ("model-4", "Others")]


def test_a_table_of_one_team_or_one_part_is_not_worth_showing() -> None:
    assert table().is_worth_showing
    assert not table(TeamUses(FOUND.teams[:1])).is_worth_showing
    assert not table(TeamUses([TeamUse("web", {"": DOLLAR}), TeamUse("mobile", {"": DOLLAR})])).is_worth_showing


def test_one_model_lists_the_teams_that_used_it_the_largest_first() -> None:
    found = TeamUses([*FOUND.teams, TeamUse("data", {"opus": 90 * DOLLAR, "mini": 10 * DOLLAR})])
    rows = team_parts(found, "opus", lambda name: name)
    assert [(each.name, each.spend, plain(each.share)) for each in rows] == [
        ("data", "$90.00", "90.0 %"),
        ("web", "$60.00", "60.0 %"),
    ]


def test_the_note_says_which_teams_are_left_out() -> None:
    assert note_of(FOUND) == ""
    assert note_of(TeamUses(FOUND.teams, more=True)) == "The 2 dearest teams."
    assert note_of(TeamUses(FOUND.teams, hidden=True)) == "Teams that are too small to be compared are left out."
