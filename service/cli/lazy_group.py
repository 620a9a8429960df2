"""A group that imports a command only when it runs, so that every command starts quickly."""

import importlib
from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import click


class Place(NamedTuple):
    """Where a command is defined, and its line in the overview, so that --help imports no command."""

    module: str
    name: str
    summary: str


class LazyGroup(click.Group):
    """Commands at the `places` of a subclass, in their order."""

    places: ClassVar[Mapping[str, Place]] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """List the commands."""
        return list(self.places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import the command."""
        if (place := self.places.get(cmd_name)) is None:
            return None
        command: click.Command = getattr(importlib.import_module(place.module), place.name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the overview without importing the commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.summary) for name, place in self.places.items()])
