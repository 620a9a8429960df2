"""`shipledger alerts`, `alert-channel`, `budget` and `forecast`, as somebody types them."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from schema.database import Database
from schema.settings import Settings
from service.cli.main import main
from tests.harness.applications import application
from tests.harness.listening import listening
from tests.harness.organization import Organization
from tests.harness.receivers import WebReceiver, web_receiver
from tests.integration.workers.alerts import TODAY, Alerts
from workers.context import WorkerContext

ROUTING_KEY = "CANARY0secret0CANARY0secret0CAN0"
SLACK = "https://hooks.slack.com/services/CANARY"
OTHER_CHAT = "https://chat.example.com/hooks/CANARY"


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings.model_copy(update={"allow_private_hosts": True})) as app, listening(app) as url:
        yield url


class Terminal:
    """Runs commands as an administrator does."""

    def __init__(self, url: str, alerts: Alerts) -> None:
        self.alerts = alerts
        self.address = ("--url", url, "--key", alerts.organization.key)

    async def run(
        self, line: str, *, secret: str | None = None, typed: str | None = None, fails: bool = False
    ) -> Result:
        runner = CliRunner(env={"SHIPLEDGER_ALERT_SECRET": secret})
        result = await asyncio.to_thread(runner.invoke, main, [*line.split(), *self.address], input=typed)
        assert (result.exit_code != 0) is fails, result.output
        return result

    async def json(self, line: str, **options: Any) -> Any:
        return json.loads((await self.run(f"{line} --json", **options)).stdout)


@pytest.fixture
async def terminal(
    service_url: str, database: Database, organization: Organization, worker_context: WorkerContext
) -> AsyncIterator[Terminal]:
    async with httpx.AsyncClient(base_url=service_url) as client:
        alerts = Alerts(client, organization, database, worker_context)
        await alerts.set_up()
        yield Terminal(service_url, alerts)


@pytest.fixture
def receiver() -> Iterator[WebReceiver]:
    with web_receiver() as receiver:
        yield receiver


async def test_channels_of_each_kind_are_added_listed_and_removed(terminal: Terminal) -> None:
    add = "alert-channel add"
    dry = await terminal.run(f"{add} slack --dry-run", secret=SLACK)
    assert dry.output == "the channel is valid; nothing was stored (--dry-run)\n"
    assert (await terminal.run("alert-channel list")).output == "none\n"
    added = await terminal.run(f"{add} slack --name finops --team web", typed=f"{SLACK}\n")
    assert "added channel 1: finops at hooks.slack.com" in added.stdout
    assert "CANARY" not in added.output
    await terminal.run(f"{add} teams", secret="https://example.com/workflows?sig=CANARY")
    await terminal.run(f"{add} pagerduty", secret=ROUTING_KEY)
    webhook = await terminal.run(f"{add} webhook https://hooks.example.com/in")
    assert "signing secret, shown only now: whsec_" in webhook.stdout
    mail = "--from CANARY@example.com --to CANARY.jane@example.com --user ledger"
    made = await terminal.json(f"{add} email smtp.example.com {mail}", secret="CANARY-password")
    assert (made["kind"], made["host"], made["dry_run"]) == ("email", "smtp.example.com", False)
    shown = await terminal.run("alert-channel list")
    assert [word in shown.stdout for word in ("finops", "pagerduty", "CANARY")] == [True, True, False]
    assert len((await terminal.json("alert-channel list"))["items"]) == 5
    assert "would remove channel 1" in (await terminal.run("alert-channel remove 1 --dry-run")).stdout
    assert (await terminal.run("alert-channel remove 1")).stdout == "removed channel 1: finops at hooks.slack.com\n"
    assert (await terminal.run("alert-channel remove 1", fails=True)).exit_code == 1


async def test_a_channel_is_changed_and_keeps_what_is_left_out(terminal: Terminal) -> None:
    await terminal.run("alert-channel add slack --team web", secret=SLACK)
    dry = await terminal.run("alert-channel change 1 --name finops --dry-run")
    assert dry.stdout == "would change channel 1: slack at hooks.slack.com; nothing was changed (--dry-run)\n"
    changed = await terminal.json("alert-channel change 1 --name finops --all-teams --secret", secret=OTHER_CHAT)
    assert (changed["name"], changed["team"], changed["host"]) == ("finops", None, "chat.example.com")
    assert "CANARY" not in str(changed)
    await terminal.run("alert-channel add webhook https://hooks.example.com/in")
    rotated = await terminal.run("alert-channel change 2 --new-secret")
    assert "signing secret, shown only now: whsec_" in rotated.stdout
    assert "does not apply to webhook" in (await terminal.run("alert-channel change 2 --port 25", fails=True)).stderr
    assert (await terminal.run("alert-channel change 2", fails=True)).exit_code == 2
    assert "channel 9 does not exist" in (await terminal.run("alert-channel change 9 --name x", fails=True)).stderr


async def test_a_bad_channel_is_one_line_also_in_a_dry_run(terminal: Terminal) -> None:
    for dry in ("", " --dry-run"):
        result = await terminal.run(f"alert-channel add pagerduty{dry}", secret="CANARY", fails=True)
        assert result.stderr.count("\n") == 1
        assert "routing_key" in result.stderr
        assert "CANARY" not in result.output


async def test_a_test_says_whether_it_arrived(terminal: Terminal, receiver: WebReceiver) -> None:
    await terminal.run("alert-channel add slack", secret=receiver.url)
    await terminal.run("alert-channel add slack --name gone", secret=receiver.url)

    async def deliver() -> None:
        while not await terminal.alerts.states():  # noqa: ASYNC110 - another process has no event
            await asyncio.sleep(0.02)
        await terminal.alerts.deliver()

    _, arrived = await asyncio.gather(deliver(), terminal.run("alert-channel test 1"))
    assert arrived.stdout == "the test was delivered\n"
    await terminal.alerts.execute("DELETE FROM alert_delivery WHERE organization_id = $1")
    receiver.answers.append((404, {}, b"no_service"))
    _, failed = await asyncio.gather(deliver(), terminal.run("alert-channel test 2", fails=True))
    assert "error: the test was not delivered: The receiver refuses the address" in failed.stderr
    assert "404 no_service" in failed.stderr


async def test_alerts_are_listed_shown_and_answered(terminal: Terminal) -> None:
    first, second = await terminal.alerts.raise_alert(), await terminal.alerts.raise_alert("budget", "month 80 %")
    await terminal.run("alert-channel add slack", secret="https://127.0.0.1:1/CANARY")
    await terminal.alerts.deliver(allow_private=False)
    listed = await terminal.run("alerts list --state open")
    assert "Spend of team web rose." in listed.stdout
    assert "Spend of month 80 % rose." in listed.stdout
    shown = await terminal.run(f"alerts show {first}")
    assert "raised to slack: dead: The address is on a private network." in shown.stdout
    assert len((await terminal.json(f"alerts show {first}"))["deliveries"]) == 1
    dry = await terminal.run(f"alerts acknowledge {first} --dry-run")
    assert "would be acknowledged; nothing was changed (--dry-run)" in dry.stdout
    assert (await terminal.json(f"alerts acknowledge {first}"))["state"] == "acknowledged"
    assert f"snoozed to {TODAY}" in (await terminal.run(f"alerts snooze {second} --to {TODAY}")).stdout
    assert (await terminal.json(f"alerts resolve {first}"))["state"] == "resolved"
    assert (await terminal.run(f"alerts mute {second}")).stdout == f"muted alert {second}\n"
    states = {each["id"]: each["state"] for each in (await terminal.json("alerts list"))["items"]}
    assert states == {first: "resolved", second: "muted"}
    assert "alert_id" in (await terminal.run("alerts show 99", fails=True)).stderr


async def test_rules_and_teams_are_muted_and_unmuted(terminal: Terminal) -> None:
    dry = await terminal.run(f"alerts mute --rule rise --team web --to {TODAY} --dry-run")
    assert dry.stdout == f"would mute rule rise of web to {TODAY}; nothing was changed (--dry-run)\n"
    assert (await terminal.run("alerts mute --rule rise")).stdout == "muted rule rise of all teams\n"
    (made,) = (await terminal.json("alerts mutes"))["items"]
    assert "rise" in (await terminal.run("alerts mutes")).stdout
    assert (await terminal.json(f"alerts unmute {made['id']} --dry-run"))["dry_run"] is True
    assert (await terminal.run(f"alerts unmute {made['id']}")).stdout == f"removed mute {made['id']}\n"
    assert (await terminal.run("alerts mutes")).stdout == "none\n"
    await terminal.run("alerts mute", fails=True)
    await terminal.run(f"alerts mute 1 --to {TODAY}", fails=True)
    assert "mute 9 does not exist" in (await terminal.run("alerts unmute 9 --dry-run", fails=True)).stderr


async def test_budgets_are_set_listed_and_removed(terminal: Terminal) -> None:
    dry = await terminal.run("budget set month 2000 --team web --hard 2500 --dry-run")
    assert "$2,000" in dry.stdout
    assert dry.stdout.endswith("nothing was changed (--dry-run)\n")
    assert (await terminal.json("budget list"))["items"] == []
    assert (await terminal.json("budget set month 2000 --team web --model opus --hard 2500"))["dry_run"] is False
    await terminal.run("budget set quarter 12345.67")
    assert (await terminal.json("budget list"))["items"] == [
        {"team": None, "model": None, "period": "quarter", "usd": "12345.67", "hard_usd": None},
        {"team": "web", "model": "opus", "period": "month", "usd": "2000.00", "hard_usd": "2500.00"},
    ]
    assert len((await terminal.json("budget list --team web"))["items"]) == 1
    assert len((await terminal.json("budget remove month --team web --model opus --dry-run"))["items"]) == 1
    assert "the organization" in (await terminal.run("budget remove month --team web --model opus")).stdout
    for amount in ("0", "many", "NaN", "1e12"):
        assert "must be a number above 0" in (await terminal.run(f"budget set month {amount}", fails=True)).stderr


async def test_a_forecast_is_shown_in_a_line(terminal: Terminal) -> None:
    assert (await terminal.run("forecast")).stdout == "none\n"
    await terminal.alerts.execute(
        "INSERT INTO spend_forecast (organization_id, team_id, period, first_day, made_to, spent_nano_usd,"
        " likely_nano_usd, low_nano_usd, high_nano_usd, model, exceeded_on) VALUES ($1, 1002, 'month', '2026-11-01',"
        " '2026-11-20', 20000000000, 30000000000, 25000000000, 35000000000, 'run_rate', '2026-11-29')"
    )
    await terminal.run("budget set month 29 --team web")
    shown = (await terminal.run("forecast --team web")).stdout
    assert [word in shown for word in ("web", "$20.00", "$30.00", "$25.00", "$29.00", "2026-11-29")] == [True] * 6
    assert (await terminal.json("forecast"))["items"][0]["likely_usd"] == "30.00"
