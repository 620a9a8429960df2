"""No answer gives a team of two people away: by itself, beside others, or as the total less what is shown.

The same random companies are asked through the API, its files, the pages and the tools of assistants.
"""

import csv
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
from mcp import Client

from schema.database import Database
from service.mcp.server import build
from service.mcp.service_requests import Service
from tests.harness.organization import Organization
from tests.harness.signing_in import sign_in
from tests.integration.service.api.conftest import Api

TEAMS = {"alpha": 10, "beta": 8, "gamma": 7, "tiny": 2}
MODELS = ("claude-sonnet-4-5", "claude-opus-4-1", "gpt-5")
DAYS = {"from": "2026-11-02", "to": "2026-11-29"}
PERIOD = f"period={DAYS['from']}..{DAYS['to']}"
FATES = ("merged", "open", "abandoned")
# Of these, the companies here report nothing.
UNKNOWN = {"iterations", "outcomes", "guardrails", "gateway-estimates"}
# What a team may be asked for: its sums and what was found in them are withheld, single pull requests and what was set
# are not.
SUMS = (
    *("overview", "ledger", "spend", "spend/change", "metrics/tokens-per-pr", "metrics/conversion"),
    *("metrics/percentiles", "outcomes", "guardrails", "ownership", "iterations", "coverage", "gateway-estimates"),
)
WATCHED = ("forecasts", "alerts")
SINGLE = ("attributions", "changes", "exports/{dataset}", "budgets", "policies", "engagement")
# As the watch finds them: what the small team spent is in every figure, and in the sentences of its alerts.
FORECASTS = """
    INSERT INTO spend_forecast (organization_id, team_id, of_model, period, first_day, made_to, spent_nano_usd,
                                likely_nano_usd, low_nano_usd, high_nano_usd, model, exceeded_on)
    SELECT $1, team_id, '', period, '2026-11-01', '2026-11-27', spent, spent + 1, spent - 1, spent + 2, 'run_rate',
           '2026-11-29'
    FROM (SELECT team_id, CASE name WHEN 'tiny' THEN 7777 ELSE 100 * length(name) END * 1000000000::bigint AS spent
          FROM team WHERE organization_id = $1 AND NOT is_default
          UNION ALL SELECT 0, 99999000000000) AS found, unnest(ARRAY['month', 'quarter']) AS period
"""
BUDGETS = """
    INSERT INTO budget (organization_id, team_id, period, nano_usd)
    SELECT $1, team_id, 'month', 5000000000 FROM team WHERE organization_id = $1 AND NOT is_default
"""
ALERTS = """
    INSERT INTO alert (organization_id, kind, subject, team_id, began_on, found_on, usual_nano_usd, spent_nano_usd,
                       before, after, causes, sentence, link)
    SELECT $1, kind, 'team ' || name, team_id, '2026-11-20', '2026-11-22', 7777000000000, 7777000000000, 0.7777, 0.7777,
           ARRAY[7777000000000, 0, 0, 0, 0], 'Spend of team ' || name || ': $7,777.', '/spend?team=' || name
    FROM team, unnest(ARRAY['rise', 'reasoning_share', 'budget', 'policy']) AS kind
    WHERE organization_id = $1 AND name IN ('alpha', 'tiny')
"""
# Numbers that are no figures of the team: of the whole organization, and its people, which its settings say.
LABELS = {"team", "withheld_reason"}
OF_ALL = {"known_pull_requests", "size"}
# Comparisons of teams, with further dimensions.
COMPARED = [
    *(("spend", {"bucket": bucket, "group_by": by}) for bucket in ("total", "week", "day") for by in ("team",)),
    *(("spend", {"bucket": "week", "group_by": f"team,{other}"}) for other in ("model", "fate", "workflow")),
    ("spend", {"bucket": "week", "group_by": "team", "compare": "previous"}),
    *(("ledger", {"bucket": bucket, "group_by": "team"}) for bucket in ("total", "week", "day")),
    *(("metrics/tokens-per-pr", {"bucket": bucket, "group_by": "team"}) for bucket in ("week", "month")),
    ("metrics/conversion", {"bucket": "week", "group_by": "team"}),
    ("ownership", {"bucket": "week", "group_by": "team"}),
]
NAMES = ("period_start", "model", "fate", "workflow")
PAGES = ("/overview", "/spend", "/pull-requests", "/releases", "/compare/repository", "/compare/model", "/quality")


def company(seed: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return pull requests and token events of four teams, of which one is small."""
    chance = random.Random(seed)
    pull_requests, events = [], []
    for team in TEAMS:
        there = {"forge": "github", "repository": f"github.com/octo-org/{team}"}
        for number in range(1, 4 if team == "tiny" else 22):
            day = chance.randint(9, 27)
            state = chance.choice(FATES) if number > 20 else "merged"
            ends = {"merged": "merged_at", "abandoned": "closed_at"}
            end = {ends[state]: f"2026-11-{day:02}T18:00:00Z"} if state in ends else {}
            opened = {"opened_at": f"2026-11-{day - 6:02}T08:00:00Z", "head_branch": f"b{number}"}
            pull_requests.append({**there, "number": number, "state": state, **opened, **end})
        for number in range(12):
            day = chance.randint(2, 27)
            tokens = {
                "input_uncached": chance.randint(100_000, 900_000),
                "output_visible": chance.randint(1_000, 9_000),
            }
            events.append(
                {
                    "event_id": f"{team}-{number}",
                    "occurred_at": f"2026-11-{day:02}T12:30:00Z",
                    "source": "claude-code",
                    "model": chance.choice(MODELS),
                    "team": team,
                    "workflow": chance.choice(("review", "build", "support")),
                    "repository": there["repository"],
                    "branch": f"b{chance.randint(1, 3)}",
                    "tokens": tokens,
                }
            )
    return pull_requests, events


@pytest.fixture(params=range(2))
async def teams(
    request: pytest.FixtureRequest, api: Api, database: Database, drain: Callable[[], Awaitable[None]]
) -> Api:
    pull_requests, events = company(request.param)
    for name, size in TEAMS.items():
        await api.post("teams", {"name": name, "size": size, "repositories": [f"github.com/octo-org/{name}"]}, 201)
    await drain()
    await api.import_items("pull-requests", *pull_requests)
    await api.post("token-events", {"items": events})
    await drain()
    async with database.organization(api.organization.organization_id) as tenant:
        for table in ("spend_forecast", "alert"):
            await tenant.execute(f"DELETE FROM {table} WHERE organization_id = $1")
        for statement in (FORECASTS, BUDGETS, ALERTS):
            await tenant.execute(statement)
    return api


def numbers(node: Any, name: str = "") -> Iterator[tuple[str, float]]:
    """Yield each figure of an answer, with the name of its field; texts of money are figures."""
    if isinstance(node, dict):
        for key, each in node.items():
            yield from numbers(each, key)
    elif isinstance(node, list):
        for each in node:
            yield from numbers(each, name)
    elif is_figure(node, name):
        yield name, float(node)


def says_how_much(answer: Any) -> bool:
    """Return whether what the small team spent, as the watch found it, is somewhere in an answer."""
    text = str(answer).replace("\u202f", " ")
    return any(amount in text for amount in ("7777", "7,777", "$7.8 k", "77.8 %", "78 %"))


def is_figure(node: Any, name: str) -> bool:
    is_number = isinstance(node, (int, float)) and not isinstance(node, bool)
    return is_number or (isinstance(node, str) and name.endswith("usd"))


def figures(node: Any) -> list[tuple[str, float]]:
    return [(name, value) for name, value in numbers(node) if value and name not in OF_ALL]


def refuse_lone_rows(rows: list[dict[str, Any]], what: object) -> None:
    """Check that the small team is never shown, and that no total gives it away."""
    hidden: defaultdict[tuple[Any, ...], set[str]] = defaultdict(set)
    shown: defaultdict[tuple[Any, ...], set[str]] = defaultdict(set)
    for row in rows:
        place = tuple(row.get(name) for name in NAMES)
        (hidden if row["withheld_reason"] else shown)[place].add(row["team"])
    assert any(hidden.values()), what
    for place, teams in hidden.items():
        assert len(teams) > 1 or not shown[place], (what, place, teams, shown[place])
    assert not any("tiny" in each for each in shown.values()), what


async def test_a_small_team_is_withheld_by_itself(teams: Api) -> None:
    for path in SUMS:
        asked = DAYS if path not in {"coverage", "overview"} else {}
        answer = await teams.get(path, team="tiny", **asked)
        assert figures(answer) == [], (path, figures(answer))
        if path not in UNKNOWN:
            assert "fewer than 5 people" in str(answer), path
            assert figures(await teams.get(path, team="alpha", **asked)), path


async def test_beside_others_no_total_gives_it_away(teams: Api) -> None:
    for path, query in COMPARED:
        answer = await teams.get(path, **DAYS, **query, limit=200)
        refuse_lone_rows(answer["items"], (path, query))
        withheld = [row for row in answer["items"] if row["withheld_reason"]]
        assert all(not figures({**row, "period_start": None}) for row in withheld), (path, query)
        file = await teams.client.get(
            f"/api/v1/{path}", params={**DAYS, **query, "format": "csv"}, headers=teams.organization.headers
        )
        rows = list(csv.DictReader(file.text.splitlines()))
        refuse_lone_rows([{**row, "withheld_reason": row["withheld_reason"]} for row in rows], (path, query, "csv"))
        for row in rows:
            if row["withheld_reason"]:
                rest = {name: value for name, value in row.items() if name not in {*NAMES, *OF_ALL, *LABELS}}
                assert not any(rest.values()), (path, query, rest)
    change = await teams.get("spend/change", **DAYS)
    assert {item["team"] for item in change["items"]} <= {*TEAMS, None} - {"tiny"}
    (together,) = [item for item in change["items"] if item["team"] is None]
    assert together["teams"] > 1


async def test_forecasts_and_alerts_say_what_happened_and_not_how_much(teams: Api) -> None:
    for query in ({}, {"team": "tiny"}):
        for path in WATCHED:
            answer = await teams.get(path, **query)
            of_tiny = [row for row in answer["items"] if row["team"] == "tiny"]
            assert {row["withheld_reason"] for row in of_tiny} == {"the team has fewer than 5 people"}
            assert not says_how_much(of_tiny), (path, query)
            file = await teams.client.get(
                f"/api/v1/{path}", params={**query, "format": "csv"}, headers=teams.organization.headers
            )
            rows = [row for row in csv.DictReader(file.text.splitlines()) if row["team"] == "tiny"]
            assert rows
            assert not says_how_much(rows), (path, query)
            assert any(row["spent_usd"] for row in answer["items"]) is not bool(query), path
    (alert, *_) = (await teams.get("alerts", team="tiny"))["items"]
    assert not says_how_much(await teams.get(f"alerts/{alert['id']}"))
    forecasts = (await teams.get("forecasts"))["items"]
    months = {row["team"]: row for row in forecasts if row["period"] == "month"}
    # Beta has spent the least of the others.
    assert {team for team, row in months.items() if row["withheld_reason"]} == {"tiny", "beta"}
    assert months["beta"]["spent_usd"] is months["tiny"]["exceeded_on"] is None
    assert months["tiny"]["budget_usd"] == "5.00"
    assert (await teams.get("forecasts", team="beta"))["items"][0]["spent_usd"] == "400.00"


@pytest.mark.usefixtures("teams")
async def test_pages_of_alerts_and_budgets_do_not_show_them(
    client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await sign_in(client, database, organization)
    rows = (await client.get("/alerts.json?team=tiny")).json()["items"]
    assert len(rows) == 4
    pages = ["/alerts?team=tiny", "/alerts.csv?team=tiny", *(f"/alerts/{row['alert_id']}" for row in rows)]
    for page in (*pages, "/spend?team=tiny", "/?team=tiny", "/teams/tiny"):
        answer = await client.get(page)
        assert answer.status_code == 200, page
        assert not says_how_much(answer.text), page
    everything = await client.get("/spend")
    assert "withheld: the team has fewer than 5 people" in everything.text
    assert "$7.8" not in everything.text


@pytest.mark.usefixtures("teams")
async def test_pages_withhold_the_same(
    client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await sign_in(client, database, organization)
    for page in PAGES:
        answer = await client.get(f"{page}.json?{PERIOD}&team=tiny")
        assert answer.status_code == 200, (page, answer.text)
        assert figures(answer.json()) == [], (page, figures(answer.json()))
        shown = await client.get(f"{'/' if page == '/overview' else page}?{PERIOD}&team=tiny")
        assert "ithheld" in shown.text, page
    for page in ("model", "workflow"):
        beside = (
            (await client.get(f"/compare/{page}?{PERIOD}")).text.partition('id="by-team"')[2].partition("</table>")[0]
        )
        shown_beside = {name for name in TEAMS if f">{name}</a>" in beside}
        assert "tiny" not in shown_beside, page
        assert not shown_beside or len(shown_beside) < len(TEAMS) - 1, page
    answer = await client.get(f"/teams/tiny.json?{PERIOD}")
    assert figures(answer.json()) == []
    rows = (await client.get(f"/compare/team.json?{PERIOD}")).json()["items"]
    shown_teams = {row["team"] for row in rows if figures(row)}
    assert "tiny" not in shown_teams
    assert len(TEAMS) - len(shown_teams & TEAMS.keys()) > 1


@pytest.mark.usefixtures("teams")
async def test_an_assistant_is_given_no_more(service_url: str, organization: Organization) -> None:
    days = {"first_day": DAYS["from"], "last_day": DAYS["to"]}
    async with Client(build(Service(service_url, organization.key))) as assistant:
        for tool in ("spend", "cost_per_pull_request", "why_spend_changed", "where_tokens_went", "how_sure"):
            answer = await assistant.call_tool(tool, {**days, "team": "tiny"})
            assert answer.structured_content is not None, tool
            assert figures(answer.structured_content["figures"]) == [], tool
            assert "fewer than 5 people" in answer.content[0].text or "ithheld" in answer.content[0].text, (
                tool,
                answer.content[0].text,
            )
        for tool in ("alerts", "budgets_and_forecasts"):
            answer = await assistant.call_tool(tool, {"team": "tiny"})
            assert not says_how_much(answer.structured_content), tool
            assert "fewer than 5 people" in answer.content[0].text, answer.content[0].text
        beside = await assistant.call_tool("spend", {**days, "group_by": "team"})
        assert beside.structured_content is not None
        refuse_lone_rows(beside.structured_content["figures"]["items"], "spend")


def test_each_question_about_a_team_is_sums_or_single(described_of_team: set[str]) -> None:
    assert described_of_team == {f"/api/v1/{path}" for path in (*SUMS, *WATCHED, *SINGLE)}


@pytest.fixture
async def described_of_team(client: httpx.AsyncClient) -> set[str]:
    paths = (await client.get("/schema")).json()["paths"]
    return {
        path
        for path, operations in paths.items()
        if any(each["name"] == "team" for each in operations.get("get", {}).get("parameters", []))
    }
