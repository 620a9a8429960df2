"""What to set up next: the missing steps, most useful first, with commands for this instance."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.dashboard.set_up.facts import SetUpFacts
from service.queries.tokens.double_counting import DoubleCounting

DIRECT_EVIDENCE = ("artifact", "commit", "branch")
EVIDENCE = (*DIRECT_EVIDENCE, "repository", "cohort")
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


def linked_share(evidence: Mapping[str, float]) -> float:
    """Return the share of tokens on pull requests that is linked directly, from 0 to 1; 0 if there are no tokens."""
    known = sum(evidence.values())
    return sum(evidence.get(name, 0) for name in DIRECT_EVIDENCE) / known if known else 0.0


def next_steps(set_up: SetUpFacts) -> list[Step]:
    """Return what would make figures better once data arrives, the most useful first."""
    steps = [layers_step(found) for found in set_up.double_counting[:1]]
    if set_up.has_requests and set_up.pull_requests and linked_share(set_up.evidence) < ENOUGH_LINKED:
        steps.append(links_step())
    return steps


def quickest_imports() -> tuple[Command, ...]:
    """Return the two imports of data that is already on the user's machine."""
    return (
        Command("Pull requests and releases from a local clone", "shipledger import git PATH"),
        Command("Tokens from Claude Code's local transcripts", "shipledger import claude-code"),
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


def json_post(url: str, quoted_body: str) -> str:
    """Return a curl command; `quoted_body` must already be quoted for the shell."""
    return (
        f"curl -X POST {url} \\\n"
        '  -H "Authorization: Bearer $SHIPLEDGER_API_KEY" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  -d {quoted_body}"
    )
