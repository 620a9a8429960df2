"""`shipledger import`: what this machine already knows, sent through the public API."""

import click

from service.cli.import_bedrock import import_bedrock
from service.cli.import_claude_code import import_claude_code
from service.cli.import_focus import import_focus
from service.cli.import_gateway_usage import import_gateway_usage
from service.cli.import_git import import_git
from service.cli.import_litellm import import_litellm


@click.group("import")
def imports() -> None:
    """Send pull requests, tokens and bills that this machine already knows of. Safe to repeat: nothing counts twice."""


imports.add_command(import_git)
imports.add_command(import_claude_code)
imports.add_command(import_focus)
imports.add_command(import_litellm)
imports.add_command(import_bedrock)
imports.add_command(import_gateway_usage)
