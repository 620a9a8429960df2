"""`shipledger import`: send data that is already on this machine through the public API."""

import click

from service.cli.imports.bedrock import import_bedrock
from service.cli.imports.claude_code import import_claude_code
from service.cli.imports.focus import import_focus
from service.cli.imports.gateway_usage import import_gateway_usage
from service.cli.imports.git import import_git
from service.cli.imports.litellm import import_litellm
from service.cli.options import example


@click.group("import", epilog=example("shipledger import git . --dry-run"))
def imports() -> None:
    """Import pull requests, tokens and bills from this machine.

    Safe to repeat: nothing counts twice.

    """


imports.add_command(import_git)
imports.add_command(import_claude_code)
imports.add_command(import_focus)
imports.add_command(import_litellm)
imports.add_command(import_bedrock)
imports.add_command(import_gateway_usage)
