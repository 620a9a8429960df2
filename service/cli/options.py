"""Options that several commands share."""

from pathlib import Path

import click
from platformdirs import user_data_dir

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, readable=False),
    help="Folder of `shipledger up` that holds everything.  [default: this user's data folder]",
)
organization_option = click.option("--organization", type=int, help="Its id, where there are several.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def default_data() -> Path:
    """Where `shipledger up` keeps its data unless told."""
    return Path(user_data_dir("shipledger"))
