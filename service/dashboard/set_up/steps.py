"""What to set up next: the missing steps, most useful first, with commands for this instance."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from service.dashboard.set_up.facts import SetUpFacts
from service.queries.tokens.double_counting import DoubleCounting

DIRECT_EVIDENCE = ("artifact", "commit", "branch")
# Below this share, figures of single pull requests are mostly estimates.
ENOUGH_LINKED = 0.6


@dataclass(frozen=True, slots=True)
class Command:
    """Text to paste into a terminal or a form, and what it does."""

    description: str
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to set up. `name` is a stable anchor; `page` is a page that does it in the browser, or empty."""

    name: str
    title: str
    why: str
    commands: tuple[Command, ...]
    page: str = ""


def linked_share(evidence: Mapping[str, int]) -> float:
    """Return the share of tokens on pull requests that is linked directly, from 0 to 1; 0 if there are no tokens."""
    known = sum(evidence.values())
    return sum(evidence.get(name, 0) for name in DIRECT_EVIDENCE) / known if known else 0.0


def next_steps(set_up: SetUpFacts, url: str) -> list[Step]:
    """Return the missing steps; `url` is the instance's address."""
    steps = []
    if not set_up.connections:
        steps.append(forge_step(url, has_pull_requests=set_up.pull_requests > 0))
    elif set_up.silent_connections:
        steps.append(silent_step())
    if not set_up.token_requests:
        steps.append(telemetry_step(url))
    elif set_up.pull_requests and linked_share(set_up.evidence) < ENOUGH_LINKED:
        steps.append(links_step())
    steps += [layers_step(found) for found in set_up.double_counting[:1]]
    if set_up.teams_without_size:
        steps.append(team_sizes_step(url, set_up.teams_without_size))
    return steps


def quickest_imports() -> tuple[Command, ...]:
    """Return the two imports of data that is already on the user's machine."""
    return (
        Command("Pull requests and releases from a local clone", "shipledger import git PATH"),
        Command("Tokens from Claude Code's local transcripts", "shipledger import claude-code"),
    )


def silent_step() -> Step:
    """Return the step that finds out why a connected forge delivers nothing."""
    return Step(
        "silent",
        "Check the webhook",
        "A connected forge has never delivered anything. Its page of the webhook lists the last deliveries and their "
        "errors. The forge must reach the addresses below.",
        (Command("Check the installation", "shipledger doctor"),),
    )


def forge_step(url: str, *, has_pull_requests: bool) -> Step:
    """Return the step that connects a forge by webhook; with pull requests, an import was already done."""
    imports = () if has_pull_requests else (quickest_imports()[0],)
    return Step(
        "forge",
        "Connect your forge",
        "Webhooks report pull requests, pushes and releases as they happen. A GitHub App takes two clicks. "
        'For GitLab, or without an App, create a connection with "gitlab" or "github". The response contains the '
        "webhook URL and the secret to enter at the forge. Choose the content type application/json.",
        (
            Command("Create a GitHub App", "shipledger github create-app"),
            Command("Create a connection by hand", json_post(f"{url}/api/v1/connections", """'{"forge": "github"}'""")),
            Command("Its webhook URL", f"{url}/webhooks/github/CONNECTION_ID"),
            *imports,
        ),
        page="/github",
    )


def telemetry_step(url: str) -> Step:
    """Return the step that sends an agent's OpenTelemetry here."""
    return Step(
        "telemetry",
        "Send token telemetry",
        "Claude Code, Codex and Gemini CLI report each model request over OpenTelemetry. Shipledger drops names and "
        "prompts on arrival.",
        (
            Command("Claude Code: environment variables or managed settings", claude_code_environment(url)),
            Command("Import earlier spend from local transcripts", "shipledger import claude-code"),
        ),
    )


def claude_code_environment(url: str) -> str:
    """Return shell lines that make Claude Code report here, with repository and commit links, without content."""
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
    """Return shell lines that make Claude Code report repository, branch and commits."""
    return "export OTEL_METRICS_INCLUDE_REPOSITORY=true\nexport OTEL_LOG_TOOL_DETAILS=1"


def links_step() -> Step:
    """Return the step that makes agents report repository, branch and commits."""
    return Step(
        "links",
        "Link sessions to their work",
        "Less than 60 % of the tokens on pull requests are linked by commit or branch. The rest is an estimate. "
        "These settings make agents report what they worked on. Shipledger hashes it on arrival.",
        (
            Command("Claude Code", link_environment()),
            Command(
                "Other agents, if their environment knows the repository and branch",
                "export OTEL_RESOURCE_ATTRIBUTES=team.id=YOUR_TEAM,"
                "vcs.repository.url.full=https://HOST/OWNER/NAME,vcs.ref.head.name=BRANCH",
            ),
        ),
    )


def layers_step(found: DoubleCounting) -> Step:
    """Return the step that decides which layer counts when two seem to report the same tokens."""
    return Step(
        "layers",
        "Count each token once",
        f"{found.detail[0].upper()}{found.detail[1:]}.",
        (
            Command("Show what each layer reports", "shipledger layers show"),
            Command("If they are the same, count only one", f"shipledger layers set --supersede {found.source}"),
        ),
    )


def team_sizes_step(url: str, teams: tuple[str, ...]) -> Step:
    """Return the step that sets team sizes."""
    # Team names come from telemetry: quote the body, because people paste it into a shell.
    body = shlex.quote(json.dumps({"name": teams[0], "size": 8}))
    return Step(
        "team-sizes",
        "Set team sizes",
        "Only teams of 5 or more people are compared, so that no figure is about a person. Shipledger keeps the "
        "number, never a list. Teams without a size: " + ", ".join(teams) + ".",
        (Command("Set the size of each team", json_post(f"{url}/api/v1/teams", body)),),
    )


def json_post(url: str, quoted_body: str) -> str:
    """Return a curl command; `quoted_body` must already be quoted for the shell."""
    return (
        f"curl -X POST {url} \\\n"
        '  -H "Authorization: Bearer $SHIPLEDGER_API_KEY" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  -d {quoted_body}"
    )
