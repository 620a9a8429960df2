"""`shipledger pr`, `release`, `month` and `spend`, from the terminal through the service and back."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from schema.settings import Settings
from service.cli.main import main
from service.cli.repositories import remember_repository
from tests.harness.applications import application
from tests.harness.listening import listening
from tests.harness.one_merge import REPOSITORY, send_one_merge
from tests.harness.organization import Organization
from tests.harness.repository import ScriptedRepository

Shipledger = Callable[..., Awaitable[Result]]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


@pytest.fixture
async def shipledger(
    service_url: str, organization: Organization, client: httpx.AsyncClient, drain: Callable[[], Awaitable[None]]
) -> Shipledger:
    await send_one_merge(client, organization, drain)

    async def run(*arguments: str) -> Result:
        command = [*arguments, "--url", service_url, "--key", organization.key]
        return await asyncio.to_thread(CliRunner().invoke, main, command)

    return run


async def as_json(shipledger: Shipledger, *arguments: str) -> Any:
    result = await shipledger(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


async def test_a_pull_request_is_found_by_its_number_and_its_id(shipledger: Shipledger) -> None:
    shown = await as_json(shipledger, "pr", "2201", "--repository", REPOSITORY)
    assert (shown["state"], shown["cost_usd"]) == ("merged", "0.30")
    assert await as_json(shipledger, "pr", shown["artifact_id"]) == shown
    text = (await shipledger("pr", "#2201", "--repository", "octo-org/web")).stdout
    assert text.splitlines()[:2] == [
        "Pull request 2201, merged 18 Nov 2026, team default",
        "  $0.30 for 100 k tokens",
    ]


async def test_the_repository_is_that_of_the_clone_or_the_last_one_imported(
    shipledger: Shipledger, service_url: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = await shipledger("pr", "2201")
    assert (unknown.exit_code, unknown.stderr) == (
        1,
        "error: Which repository? Run the command in a clone, or pass --repository HOST/OWNER/NAME.\n",
    )
    remember_repository(service_url, REPOSITORY)
    assert (await as_json(shipledger, "pr", "2201"))["cost_usd"] == "0.30"
    clone = ScriptedRepository(home / "clone")
    clone.commit("begin")
    monkeypatch.chdir(home / "clone")
    assert (await as_json(shipledger, "release", "v1.2.0"))["pull_requests"] == 1


async def test_what_is_not_there_says_whether_its_repository_is_known(shipledger: Shipledger) -> None:
    number = await shipledger("pr", "7", "--repository", REPOSITORY)
    assert number.stderr == f"error: The repository {REPOSITORY} is known, but it has no pull request 7.\n"
    tag = await shipledger("release", "v9", "--repository", "octo-org/other")
    assert tag.stderr.startswith("error: The repository github.com/octo-org/other is unknown.")
    word = await shipledger("pr", "two")
    assert word.stderr == "error: two is not the number of a pull request; for example: shipledger pr 2201\n"


async def test_a_release_shows_what_it_cost(shipledger: Shipledger) -> None:
    text = (await shipledger("release", "v1.2.0", "--repository", REPOSITORY)).stdout
    assert text.splitlines()[:2] == [
        "v1.2.0, released 18 Nov 2026, team default",
        "  $0.30 for 100 k tokens in 1 pull request",
    ]


async def test_a_month_shows_what_it_cost_by_what_is_asked_for(shipledger: Shipledger) -> None:
    text = (await shipledger("month", "2026-11")).stdout
    assert text.startswith("November 2026: You spent $0.30; $0.30 of it shipped in 1 pull request; the dearest: $0.30.")
    assert "default" in text
    options = ("--by", "team,model", "--bucket", "week", "--compare", "year")
    heads, row = (await shipledger("month", "2026-11", *options)).stdout.splitlines()[-2:]
    assert " ".join(heads.split()) == "team model merged tokens cost tokens per PR cost per PR change"
    assert " ".join(row.split()) == "default …ude-sonnet-4-5 1 100 k $0.30 100 k $0.30 +$0.30"
    refused = await shipledger("month", "--by", "provider")
    assert "group_by must be up to two of team, repository, model, workflow, feature, evidence" in refused.stderr
    by_model = await as_json(shipledger, "month", "2026-11", "--by", "model")
    assert [row["model"] for row in by_model["items"]] == ["claude-sonnet-4-5"]
    assert by_model["overview"]["merged_pull_requests"] == 1
    empty = (await shipledger("month", "2020-01")).stdout
    assert empty == "January 2020: Nothing was spent: no tokens were received.\n"


async def test_whether_more_use_ships_more_is_a_sentence(shipledger: Shipledger) -> None:
    shown = await as_json(shipledger, "effect")
    assert (shown["studied_at"], shown["found"]) == (None, None)
    assert (await shipledger("effect")).stdout == f"{shown['sentence']}\n"
    assert shown["sentence"].startswith("We cannot tell yet.")


async def test_the_ledger_of_a_period_is_a_table_that_adds_up(shipledger: Shipledger) -> None:
    period = ("--from", "2026-11-01", "--to", "2026-11-30")
    shown = await as_json(shipledger, "ledger", *period, "--group-by", "team", "--bucket", "month")
    assert [(item["period_start"], item["team"]) for item in shown["items"]] == [("2026-11-01", "default")]
    lines = (await shipledger("ledger", *period, "--group-by", "team", "--compare", "previous")).stdout.splitlines()
    assert lines[0] == "2026-11-01 to 2026-11-30:"
    assert [" ".join(line.split()) for line in lines[1:4]] == [
        "tokens cost change",
        "received 100 k $0.30 +$0.30",
        "merged 100 k $0.30 +$0.30",
    ]
    assert " ".join(lines[-1].split()) == "2026-11-01 default $0.30 $0.30 $0.00 $0.00 $0.00 $0.00"
    assert (await shipledger("ledger")).stdout.startswith("the beginning to now:")


async def test_releases_of_a_period_are_summed(shipledger: Shipledger) -> None:
    period = ("--from", "2026-11-01", "--to", "2026-11-30", "--compare", "previous")
    lines = (await shipledger("releases", *period, "--group-by", "team")).stdout.splitlines()
    assert lines[0] == "2026-11-01 to 2026-11-30:"
    assert " ".join(lines[-1].split()) == "2026-11-01 default 1 1 100 k $0.30 $0.30 +$0.30"
    assert (await as_json(shipledger, "releases", *period))["rows"][0]["figures"]["releases"] == 1
    assert (await shipledger("releases", "--to", "2020-01-31")).stdout.endswith(": nothing was released.\n")


async def test_versions_are_compared_on_request(shipledger: Shipledger) -> None:
    shown = await shipledger("effect", "--kind", "model", "--design", "side_by_side")
    assert shown.stdout.startswith("We cannot tell yet.")


async def test_iterations_are_a_sentence_and_a_table(shipledger: Shipledger) -> None:
    period = ("--from", "2026-11-01", "--to", "2026-11-30")
    text = (await shipledger("iterations", *period, "--team", "default")).stdout
    sentence, days, _, heads, row = text.splitlines()
    assert sentence.startswith(
        "1 merged pull request: 0.0 pushes after opening and 0.0 review rounds each; 0 % reverted"
    )
    assert days == "Merged from 2026-11-01 to 2026-11-30."
    assert heads.split() == ["merged", "pushes", "review", "rounds", "reverted", "fix", "released"]
    assert row.split() == ["total", "1", "0.00", "0.00", "0.0", "%", "0.0", "%"]
    assert (await as_json(shipledger, "iterations", *period))["total"]["pull_requests"] == 1
    by_prompt = (await shipledger("iterations", "--group-by", "prompt_version")).stdout
    assert by_prompt.startswith("We cannot tell yet.")
    refused = await shipledger("iterations", "--group-by", "ai_share", "--team", "default")
    assert "team does not apply to group_by" in refused.stderr


async def test_why_spend_changed_is_a_sentence(shipledger: Shipledger) -> None:
    text = (await shipledger("why", "2026-11")).stdout
    assert "Nothing was spent before; spend rose $0.30: +$0.30 more requests." in text
    assert "default" in text
    shown = await as_json(shipledger, "why", "2026-11", "--compare", "2026-11-18..2026-11-18")
    assert (shown["change_usd"], shown["items"][0]["team"]) == ("0.00", "default")
    assert "compare must be previous, year, or a range" in (await shipledger("why", "--compare", "never")).stderr


async def test_an_export_writes_the_file_that_its_suffix_names(shipledger: Shipledger, home: Path) -> None:
    written = await shipledger("export", "focus-1.2", "--from", "2026-11-18", "-o", "bill.csv")
    assert written.output.startswith("bill.csv: ")
    assert (home / "bill.csv").read_text().count("Anthropic") > 0
    shown = await as_json(shipledger, "export", "ledger", "-o", "ledger.parquet")
    assert shown == {"dataset": "ledger", "file": "ledger.parquet", "bytes": (home / "ledger.parquet").stat().st_size}
    assert not (home / "ledger.parquet.part").exists()


async def test_an_export_to_a_place_that_cannot_be_written_says_so(shipledger: Shipledger) -> None:
    suffix = await shipledger("export", "ledger", "-o", "ledger.xls")
    assert suffix.stderr == "error: --output: ledger.xls must end with .csv or .parquet\n"
    folder = await shipledger("export", "ledger", "-o", "nowhere/ledger.csv")
    assert folder.stderr.startswith("error: nowhere/ledger.csv cannot be written (No such file or directory)")


async def test_spend_is_shown_as_a_table_that_adds_up(shipledger: Shipledger) -> None:
    period = ("--from", "2026-11-01", "--to", "2026-11-30")
    shown = await as_json(shipledger, "spend", *period, "--group-by", "team,fate", "--compare", "previous")
    (row,) = shown["items"]
    assert (row["team"], row["fate"], row["figures"]) == ("default", "merged", shown["total"]["figures"])
    text = (await shipledger("spend", *period, "--group-by", "team,fate", "--compare", "previous")).stdout
    heading, _, heads, cells, *_ = text.splitlines()
    assert heading == "2026-11-01 to 2026-11-30: $0.30 for 100 k tokens, +$0.30 from 2026-10-01 to 2026-10-31"
    assert heads.split() == ["team", "fate", "cost", "change", "tokens", "requests", "failed", "duration"]
    assert cells.split() == ["default", "merged", "$0.30", "+$0.30", "100", "k", "1", "0", "-"]
    wrong = await shipledger("spend", "--group-by", "colour")
    assert "group_by must be up to two of team, repository" in wrong.stderr


async def test_outcomes_are_shown_with_what_each_cost(shipledger: Shipledger) -> None:
    period = ("--from", "2026-11-01", "--to", "2026-11-30")
    shown = await as_json(shipledger, "outcomes", *period)
    assert (shown["total"]["outcomes"], shown["study"]["prompts"]) == (0, [])
    lines = (await shipledger("outcomes", *period, "--group-by", "prompt_version")).stdout.splitlines()
    assert lines[0] == "2026-11-01 to 2026-11-30"
    assert lines[1].split() == ["prompt", "version", "outcomes", "tokens", "each", "cost", "each", "success", "quality"]
    assert lines[2].split() == ["(none)", "0", "-", "-", "-", "-"]


async def test_the_dearest_are_listed_with_what_each_cost(shipledger: Shipledger) -> None:
    (dearest,) = await as_json(shipledger, "dearest")
    assert (dearest["state"], dearest["cost_usd"]) == ("merged", "0.30")
    assert await as_json(shipledger, "dearest", "--state", "open") == []
    (release,) = await as_json(shipledger, "dearest", "releases")
    assert release["cost_usd"] == "0.30"
    for what in ("pull-requests", "releases"):
        assert "$0.30" in (await shipledger("dearest", what)).stdout
    features = await shipledger("dearest", "features")
    assert "(none)" in features.stdout, features.output
    refused = await shipledger("dearest", "releases", "--state", "open")
    assert "--state applies to pull-requests only" in refused.output


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (["conversion", "--group-by", "model"], "100 %"),
        (["conversion", "--bucket", "month"], "merged"),
        (["percentiles"], "fewer than 20 pull requests"),
        (["guardrails", "--group-by", "workflow"], "for refused requests and retries"),
        (["ownership", "--group-by", "provider"], "kWh"),
    ],
    ids=["conversion", "conversion by month", "percentiles", "guardrails", "ownership"],
)
async def test_figures_of_a_period_are_shown_as_a_table(shipledger: Shipledger, command: list[str], shown: str) -> None:
    period = ["--from", "2026-11-01", "--to", "2026-11-30"]
    result = await shipledger(*command, *period)
    assert (result.exit_code, "2026-11-01 to 2026-11-30" in result.stdout) == (0, True), result.output
    assert shown in result.stdout, result.stdout
    assert (await as_json(shipledger, *command, *period))["first_day"] == "2026-11-01"
