"""Options that several commands share."""

from pathlib import Path

import click
from platformdirs import user_data_dir

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, readable=False),
    help="Data folder of `shipledger up`.  [default: this user's data folder]",
)
organization_option = click.option("--organization", type=int, help="Id of the organization, if there are several.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def example(command: str) -> str:
    """Return the example at the end of a command's help; click does not wrap it."""
    return f"\b\nExample:\n  {command}"


def default_data() -> Path:
    """Return the default data folder of `shipledger up`."""
    return Path(user_data_dir("shipledger"))
