"""The guide from nothing to the first figure, in words."""

import json
import shlex
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from service.dashboard.numbers.sureness import Sureness
from service.dashboard.set_up.facts import Account, Connected, MergeFigure, SetUpFacts
from service.dashboard.set_up.page import SetUpPage, build_set_up
from service.dashboard.shell.answers import templates
from service.dashboard.shell.frame import build_frame
from service.queries.upkeep.freshness import Freshness

URL = "http://127.0.0.1:8787"
NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
FRESH = Freshness("Acme", NOW, None, None, 0, (), has_pull_requests=False, has_tokens=False)
HEARD = Connected("github", "github.com", "1-ab", is_app=True, heard_at=NOW - timedelta(minutes=3), access="works")
FIRST = MergeFigure("a1_0123456789abcdef", "web#1031", 2_180_000_000, 100, 0.9, (94, 107))
FACTS = SetUpFacts(
    connections=(HEARD,),
    pull_requests=1_204,
    has_requests=True,
    sources={"claude-code": NOW - timedelta(seconds=40), "codex": NOW - timedelta(hours=2)},
    accounts=(Account("anthropic", date(2026, 12, 1)),),
    has_bills=True,
    teams=2,
    evidence={"commit": 9, "cohort": 1},
    first=FIRST,
)


def page(facts: SetUpFacts = FACTS) -> SetUpPage:
    return build_set_up(facts, URL, NOW)


def lines(built: SetUpPage) -> dict[str, list[str]]:
    return {step.name: [line.text for line in step.lines] for step in built.steps}


def test_the_steps_lead_from_a_forge_to_the_first_figure() -> None:
    built = page(SetUpFacts())
    assert [step.name for step in built.steps] == ["forge", "telemetry", "bills", "team-sizes"]
    assert built.answer.sentence == "From nothing to the first figure in five steps"
    assert (built.current, built.first) == ("forge", None)
    assert page(replace(SetUpFacts(), connections=(HEARD,))).answer.sentence.endswith("one of five steps done")


def test_each_connection_says_when_it_was_last_heard_and_how_its_trial_went() -> None:
    shown = lines(page())
    assert shown["forge"][0] == "GitHub App, github.com: last heard 3 min ago. Access tried: it works."
    assert shown["forge"][1] == "more than 1,000 pull requests known."
    assert shown["telemetry"] == ["claude-code: last heard just now.", "codex: last heard 2 hours ago."]
    assert shown["bills"] == ["anthropic: fetched up to 1 Dec."]


@pytest.mark.parametrize(
    ("connected", "says", "dot"),
    [
        (HEARD._replace(heard_at=None, access=""), "nothing heard yet.", "off"),
        (HEARD._replace(access="running"), "Its access is being tried.", "on"),
        (HEARD._replace(access="failed", reason="The token expired."), "its access does not work.", "warn"),
    ],
)
def test_a_connection_that_does_not_work_says_so(connected: Connected, says: str, dot: str) -> None:
    first = page(replace(FACTS, connections=(connected,), pull_requests=0)).steps[0].lines[0]
    assert first.text.endswith(says)
    assert first.dot == dot


def test_a_connection_that_never_delivered_is_not_done() -> None:
    built = page(replace(FACTS, connections=(HEARD._replace(heard_at=None),)))
    assert built.answer.sentence == "Your first figure is there; one step is left"
    assert built.current == "forge"


def test_a_bill_is_never_in_the_way() -> None:
    built = page(replace(FACTS, has_bills=False, accounts=()))
    assert built.answer.sentence == "Everything is set up"
    assert built.answer.why[0][0] == "What remains is optional: bring in the bill."
    assert built.current == "first-figure"


def test_the_guide_ends_with_the_cost_of_the_last_merge() -> None:
    first = page().first
    assert first is not None
    assert (first.cost.text, first.cost.sureness, first.name) == ("$2.18", Sureness.SURE, "web#1031")
    assert first.line.replace("\u202f", " ") == "$2.05 – $2.33, 80 % interval · 100 tokens · 90 % linked directly"


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"has_requests": False, "pull_requests": 0}, "once a forge and an agent are connected"),
        ({"pull_requests": 0}, "What is missing is a pull request"),
        ({"has_requests": False}, "What is missing are tokens"),
        ({}, "when a pull request that agents worked on is merged"),
    ],
)
def test_without_a_figure_the_guide_says_what_is_missing(changes: dict[str, object], missing: str) -> None:
    assert missing in page(replace(FACTS, first=None, **changes)).waiting_for  # type: ignore[arg-type]


def test_commands_name_this_instance() -> None:
    commands = [command.text for step in page().steps for choice in step.choices for command in choice.commands]
    assert any(f"--public-url {URL}" in text for text in commands)
    assert any(text.startswith(f"curl -X POST {URL}/api/v1/connections") for text in commands)
    assert sum(URL in text for text in commands) >= 6 + 3, "each agent, and three of the others"


def test_a_team_name_cannot_add_to_the_command_it_stands_in() -> None:
    name = "web'; touch /tmp/x; echo '"
    step = page(replace(FACTS, teams_without_size=(name,))).steps[-1]
    assert not step.is_done
    words = shlex.split(step.choices[0].commands[0].text.replace("\\\n", " "))
    assert json.loads(words[words.index("-d") + 1])["name"] == name
    assert words[-2] == "-d"


def test_of_many_teams_without_a_size_some_are_named() -> None:
    names = tuple(f"team-{number:02}" for number in range(15))
    step = page(replace(FACTS, teams=20, teams_without_size=names)).steps[-1]
    assert step.lines[0].text.startswith("20 teams known; without a size: team-00, team-01")
    assert step.lines[0].text.endswith("team-11 and 3 more.")


@pytest.mark.parametrize("facts", [SetUpFacts(), FACTS, replace(FACTS, first=None, evidence={"cohort": 1})])
def test_the_template_draws_it(facts: SetUpFacts) -> None:
    frame = build_frame("Set-up", "/setup", FRESH, NOW, None)
    text = templates().get_template("set_up/page.html").render(frame=frame, page=page(facts))
    assert " style=" not in text
    assert text.count("<h1>") == 1
    assert 'id="telemetry"' in text
