"""The guide from nothing to the first figure: its steps, what each has reached, and what to do. Pure."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from service.agent_config.agents import AGENTS
from service.agent_config.settings import PLACEHOLDER, Target
from service.dashboard.numbers.days import ago_text, day_text
from service.dashboard.numbers.units import exact_text
from service.dashboard.set_up.facts import Connected, SetUpFacts
from service.dashboard.set_up.steps import Command, json_post, quickest_imports
from service.queries.upkeep.set_up import MOST_COUNTED

MOST_TEAMS: Final = 12
MOST_SOURCES: Final = 8
FORGES: Final = {"github": "GitHub", "gitlab": "GitLab"}
AGENT_NAMES: Final = {
    "claude-code": "Claude Code",
    "codex": "Codex",
    "gemini": "Gemini CLI",
    "copilot": "GitHub Copilot",
    "opencode": "OpenCode",
    "qwen": "Qwen Code",
}


class StateLine(NamedTuple):
    """What a step has reached: one sentence, whose dot is `on`, `warn` or `off`."""

    text: str
    dot: str
    reason: str = ""


class Choice(NamedTuple):
    """One of several ways to do a step, which opens at a click."""

    title: str
    commands: Sequence[Command]


@dataclass(frozen=True, slots=True)
class GuideStep:
    """A step; `name` is its anchor. An optional one is never in the way of the next."""

    name: str
    title: str
    is_done: bool
    why: str
    lines: Sequence[StateLine] = ()
    choices: Sequence[Choice] = ()
    link: str = ""
    link_text: str = ""
    is_optional: bool = False
    more: str = "Add another"
    form: str = ""


def build_guide(facts: SetUpFacts, url: str, now: datetime) -> list[GuideStep]:
    """Return the steps in their order, except the first figure."""
    return [_forge(facts, url, now), _agents(facts, url, now), _bills(facts), _teams(facts, url)]


def _forge(facts: SetUpFacts, url: str, now: datetime) -> GuideStep:
    lines = [_connection_line(each, now) for each in facts.connections]
    if facts.pull_requests:
        number = f"more than {exact_text(MOST_COUNTED)}"
        number = number if facts.pull_requests >= MOST_COUNTED else exact_text(facts.pull_requests)
        lines.append(StateLine(f"{number} pull request{'s' * (facts.pull_requests != 1)} known.", "on"))
    by_hand = "With the webhook URL and the secret of the answer, add a webhook at the forge; choose application/json"
    imports = quickest_imports()[0]
    return GuideStep(
        "forge",
        "Connect GitHub or GitLab",
        any(each.heard_at for each in facts.connections),
        "Webhooks report pull requests, pushes and releases as they happen. A connection with access to the forge also "
        "fetches the last twelve months, and what webhooks missed.",
        lines,
        (
            Choice("GitHub App, in two clicks", [Command("Or from a terminal", "shipledger github create-app")]),
            Choice(
                "GitLab",
                [
                    Command(
                        "Registers the webhook of a group",
                        f"shipledger gitlab register --group PATH --public-url {url}",
                    )
                ],
            ),
            Choice(
                "A plain webhook, from a terminal",
                [
                    Command(by_hand, json_post(f"{url}/api/v1/connections", """'{"forge": "github"}'""")),
                    Command("The webhook URL has this form", f"{url}/webhooks/github/CONNECTION_ID"),
                ],
            ),
            Choice("Only a local clone, without a connection", [imports]),
        ),
        "/github",
        "Create a GitHub App here",
        form="connection",
    )


def _connection_line(each: Connected, now: datetime) -> StateLine:
    name = f"{FORGES.get(each.forge, each.forge)} {'App' if each.is_app else 'webhook'}, {each.host}"
    if each.access == "failed":
        return StateLine(f"{name}: its access does not work.", "warn", each.reason)
    tried = {"works": " Access tried: it works.", "running": " Its access is being tried."}.get(each.access, "")
    if each.heard_at is not None:
        return StateLine(f"{name}: last heard {ago_text(each.heard_at, now)}.{tried}", "on")
    reason = "The forge's page of the webhook lists its last deliveries and their errors."
    return StateLine(f"{name}: nothing heard yet.{tried}", "off", reason)


def _agents(facts: SetUpFacts, url: str, now: datetime) -> GuideStep:
    heard = sorted(facts.sources.items(), key=lambda item: item[1], reverse=True)[:MOST_SOURCES]
    lines = [StateLine(f"{name}: last heard {ago_text(at, now)}.", "on") for name, at in heard]
    key = Command("First a key that may only send", "shipledger key create --scope intake --name agents")
    target = Target(url, PLACEHOLDER, "YOUR_TEAM")
    choices = [
        Choice(AGENT_NAMES[name], [key, *(Command(part.place, part.text.rstrip()) for part in settings(target).parts)])
        for name, settings in AGENTS.items()
    ]
    earlier = Choice("Spend of before, from local transcripts", [quickest_imports()[1]])
    return GuideStep(
        "telemetry",
        "Let agents report",
        facts.has_requests,
        "Each model request is reported over OpenTelemetry, with its repository and branch. Names and prompts are "
        "dropped on arrival.",
        lines,
        [*choices, earlier],
    )


def _bills(facts: SetUpFacts) -> GuideStep:
    lines = [
        StateLine(f"{each.provider}: fetching fails.", "warn", each.failure)
        if each.failure
        else StateLine(f"{each.provider}: fetched up to {day_text(each.until)}.", "on")
        for each in facts.accounts
    ]
    return GuideStep(
        "bills",
        "Bring in the bill",
        facts.has_bills,
        "Optional: figures can then hold what you pay instead of list prices, and show what telemetry did not see.",
        lines,
        (
            Choice(
                "Usage and cost reports of a provider",
                [Command("Asks for the key and tries it at once", "shipledger provider-account add anthropic")],
            ),
            Choice(
                "A FOCUS file of a cloud",
                [Command("Shows first what it holds", "shipledger import focus FILE --dry-run")],
            ),
        ),
        is_optional=True,
    )


def _teams(facts: SetUpFacts, url: str) -> GuideStep:
    unsized = facts.teams_without_size
    lines = []
    if facts.has_requests and facts.teams:
        teams = f"{facts.teams} team{'s' * (facts.teams != 1)} known"
        lines = [StateLine(f"{teams}; {_unsized(unsized)}.", "off") if unsized else StateLine(f"{teams}.", "on")]
    # Team names come from telemetry: quote the body, because people paste it into a shell.
    body = shlex.quote(json.dumps({"name": unsized[0] if unsized else "TEAM", "size": 8}))
    return GuideStep(
        "team-sizes",
        "Set team sizes",
        facts.has_requests and not unsized,
        "Teams come with the telemetry. Only teams of 5 or more people are compared, so that no figure is about a "
        "person. Shipledger keeps the number, never a list.",
        lines,
        (Choice("Set the size of a team", [Command("For each team", json_post(f"{url}/api/v1/teams", body))]),),
        more="Change a size",
        form="size",
    )


def _unsized(teams: Sequence[str]) -> str:
    named = ", ".join(teams[:MOST_TEAMS])
    return f"without a size: {named}" + (f" and {len(teams) - MOST_TEAMS} more" if len(teams) > MOST_TEAMS else "")
