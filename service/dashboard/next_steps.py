"""What to connect next: only what is missing, in the order in which it helps, with commands for this very instance."""

import json
import shlex
from dataclasses import dataclass

from service.dashboard.facts import PageFacts
from service.queries.tokens.double_counting import DoubleCounting

DIRECT_EVIDENCE = ("artifact", "commit", "branch")
# From here on figures of single pull requests rest on links rather than on estimates.
ENOUGH_LINKED = 0.6


@dataclass(frozen=True, slots=True)
class Command:
    """Something to paste into a terminal or a form, and what it does."""

    says: str
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: `name` is stable and serves as anchor; `page` is where the browser does it, if it can."""

    name: str
    title: str
    why: str
    commands: tuple[Command, ...]
    page: str = ""


def linked_share(evidence: dict[str, int]) -> float:
    """Which part of the tokens on pull requests is linked to them directly; 0 when there are none."""
    known = sum(evidence.values())
    return sum(evidence.get(name, 0) for name in DIRECT_EVIDENCE) / known if known else 0.0


def next_steps(facts: PageFacts, url: str) -> list[Step]:
    """The missing steps of an instance that is reached at `url`."""
    set_up = facts.set_up
    steps = []
    if not set_up.connections:
        steps.append(forge_step(url))
    if not set_up.token_requests:
        steps.append(telemetry_step(url))
    elif set_up.pull_requests and linked_share(facts.evidence) < ENOUGH_LINKED:
        steps.append(links_step())
    steps += [layers_step(doubt) for doubt in facts.doubts[:1]]
    if set_up.teams_without_size:
        steps.append(team_sizes_step(url, set_up.teams_without_size))
    return steps


def quickest_imports() -> tuple[Command, ...]:
    """The two ways to a first answer from what is on this machine already."""
    return (
        Command("Pull requests and releases from a local clone", "shipledger import git PATH"),
        Command("Tokens from Claude Code's local transcripts", "shipledger import claude-code"),
    )


def forge_step(url: str) -> Step:
    """Connect a forge by a webhook."""
    return Step(
        "forge",
        "Connect your forge",
        "Webhooks tell of pull requests, pushes and releases as they happen. A GitHub App takes two clicks. "
        'For GitLab, or without an App, make a connection with "gitlab" or "github"; the answer holds the webhook URL '
        "and the secret to enter at the forge (content type application/json).",
        (
            Command("A GitHub App, also on the page /github of this site", "shipledger github create-app"),
            Command("Make a connection by hand", json_post(f"{url}/api/v1/connections", """'{"forge": "github"}'""")),
            Command("Its webhook URL will be", f"{url}/webhooks/github/CONNECTION_ID"),
            Command("What was merged before, from a local clone", "shipledger import git PATH"),
        ),
        page="/github",
    )


def telemetry_step(url: str) -> Step:
    """Point an agent's OpenTelemetry here."""
    return Step(
        "telemetry",
        "Send token telemetry",
        "Claude Code, Codex and Gemini CLI report each model request over OpenTelemetry. Names and prompts in it are "
        "dropped on arrival.",
        (
            Command("Claude Code, as environment variables or in managed settings", claude_code_environment(url)),
            Command("What was spent before, from local transcripts", "shipledger import claude-code"),
        ),
    )


def claude_code_environment(url: str) -> str:
    """Shell lines that make Claude Code report here, with repository and commit links and without content."""
    return "\n".join(
        (
            "export CLAUDE_CODE_ENABLE_TELEMETRY=1",
            "export OTEL_LOGS_EXPORTER=otlp",
            "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            f"export OTEL_EXPORTER_OTLP_ENDPOINT={url}",
            'export OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer $SHIPLEDGER_API_KEY"',
            "export OTEL_RESOURCE_ATTRIBUTES=team.id=YOUR_TEAM",
            *link_environment().splitlines(),
        )
    )


def link_environment() -> str:
    """Shell lines that make Claude Code tell of repository, branch and commits."""
    return "export OTEL_METRICS_INCLUDE_REPOSITORY=true\nexport OTEL_LOG_TOOL_DETAILS=1"


def links_step() -> Step:
    """Let agents tell of repository, branch and commits."""
    return Step(
        "links",
        "Link sessions to their work",
        "Less than 60 % of the tokens on pull requests are linked to them by commit or branch; the rest is an "
        "estimate. These settings make agents tell what they worked on; it is hashed on arrival.",
        (
            Command("Claude Code", link_environment()),
            Command(
                "Other agents, where their environment knows",
                "export OTEL_RESOURCE_ATTRIBUTES=team.id=YOUR_TEAM,"
                "vcs.repository.url.full=https://HOST/OWNER/NAME,vcs.ref.head.name=BRANCH",
            ),
        ),
    )


def layers_step(doubt: DoubleCounting) -> Step:
    """Say which of two layers counts, where both seem to tell the same."""
    return Step(
        "layers",
        "Count each token once",
        f"{doubt.detail[0].upper()}{doubt.detail[1:]}.",
        (
            Command("What each layer tells", "shipledger layers show"),
            Command("If they are the same, let one count", f"shipledger layers set --set-aside {doubt.source}"),
        ),
    )


def team_sizes_step(url: str, teams: tuple[str, ...]) -> Step:
    """Tell how many people a team has."""
    # Team names come from telemetry, so the body is quoted for the shell that it will be pasted into.
    body = shlex.quote(json.dumps({"name": teams[0], "size": 8}))
    return Step(
        "team-sizes",
        "Tell team sizes",
        "Teams are compared from 5 people on, so that no figure is about a person. Shipledger keeps the number, "
        "never a list. Without a size: " + ", ".join(teams) + ".",
        (Command("For each team", json_post(f"{url}/api/v1/teams", body)),),
    )


def json_post(url: str, quoted_body: str) -> str:
    """A curl command; the body is quoted for the shell already."""
    return (
        f"curl -X POST {url} \\\n"
        '  -H "Authorization: Bearer $SHIPLEDGER_API_KEY" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  -d {quoted_body}"
    )
