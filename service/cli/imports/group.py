"""`shipledger import`: send data that is already on this machine through the public API."""

import click

from service.cli.lazy_group import LazyGroup, Place
from service.cli.options import example, group_service_options

ROOM = "service.cli.imports"
# Whose sessions the command of a name imports.
OWNERS = {
    "codex": "Codex's",
    "gemini": "Gemini CLI's",
    "opencode": "OpenCode's",
    "copilot": "GitHub Copilot CLI's",
    "amp": "Amp's",
    "cline": "Cline's",
    "qwen": "Qwen Code's",
    "kimi": "Kimi's",
}


class Imports(LazyGroup):
    """What can be imported."""

    places = {  # noqa: RUF012 - a constant, declared by the base
        "git": Place(f"{ROOM}.git", "import_git", "Import merged pull requests and releases from a clone."),
        "claude-code": Place(
            f"{ROOM}.claude_code", "import_claude_code", "Import tokens from Claude Code's local transcripts."
        ),
        "agents": Place(f"{ROOM}.agents", "import_agents", "Import tokens from the local sessions of all agents."),
        **{
            name: Place(f"{ROOM}.stores", f"import_{name}", f"Import tokens from {owner} local sessions.")
            for name, owner in OWNERS.items()
        },
        "focus": Place(f"{ROOM}.focus", "import_focus", "Import bills: FOCUS 1.0 to 1.4, or GitHub's billing reports."),
        "litellm": Place(f"{ROOM}.litellm", "import_litellm", "Import the spend logs of a LiteLLM gateway."),
        "bedrock": Place(f"{ROOM}.bedrock", "import_bedrock", "Import model requests from Amazon Bedrock's logs."),
        "gateway-usage": Place(
            f"{ROOM}.gateway_usage", "import_gateway_usage", "Import model requests from a gateway's log files."
        ),
    }


@click.group("import", cls=Imports, epilog=example("shipledger import git . --dry-run"))
@group_service_options
def imports() -> None:
    """Import pull requests, tokens and bills from this machine.

    Safe to repeat: nothing counts twice.

    """
