"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from platformdirs import user_data_dir

Command = TypeVar("Command", bound=Callable[..., Any])

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, readable=False),
    help="Data folder of `shipledger up`.  [default: this user's data folder]",
)
organization_option = click.option("--organization", type=int, help="Id of the organization, if there are several.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def repository_options(command: Command) -> Command:
    """Add `--repository` and `--forge` to a command about something in a repository."""
    forge = click.option(
        "--forge",
        type=click.Choice(["github", "gitlab"]),
        help="Forge of the repository, if its host is not named.  [default: github]",
    )
    repository = click.option(
        "--repository",
        metavar="HOST/OWNER/NAME",
        help="Repository.  [default: of the clone in this folder, else the last one imported]",
    )
    return repository(forge(command))


def example(command: str) -> str:
    """Return the example at the end of a command's help; click does not wrap it."""
    return f"\b\nExample:\n  {command}"


def default_data() -> Path:
    """Return the default data folder of `shipledger up`."""
    return Path(user_data_dir("shipledger"))


def service_options(command: Command) -> Command:
    """Add `--url` and `--key` to a command that talks to a running service, or take those of its group."""
    return _service_options(command, _inherited, expose_value=True)


def group_service_options(group: Command) -> Command:
    """Add `--url` and `--key` to a group, for its commands."""
    return _service_options(group, _remembered, expose_value=False)


def _service_options(command: Command, callback: Callable[..., str | None], *, expose_value: bool) -> Command:
    key = click.option(
        "--key",
        metavar="KEY",
        callback=callback,
        expose_value=expose_value,
        help="API key.  [default: SHIPLEDGER_API_KEY, else that of the service on this machine]",
    )
    url = click.option(
        "--url",
        metavar="URL",
        callback=callback,
        expose_value=expose_value,
        help="URL of the service.  [default: SHIPLEDGER_URL, else the service on this machine]",
    )
    return url(key(command))


def _remembered(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None:
        context.meta[f"{__name__}.{parameter.name}"] = value
    return value


def _inherited(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    inherited: str | None = context.meta.get(f"{__name__}.{parameter.name}")
    return inherited if value is None else value


class ServiceGroup(click.Group):
    """Commands that talk to a running service. With options of its own and no command, it lists."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the group's options, and choose `list` if no command follows."""
        if args and "list" in self.commands:
            _, commands, _ = self.make_parser(ctx).parse_args(args=[*args])
            args = args if commands else [*args, "list"]
        return super().parse_args(ctx, args)
