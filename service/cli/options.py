"""Options that several commands share."""

from pathlib import Path

import click
from platformdirs import user_data_dir

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Folder of `shipledger up` that holds everything.  [default: this user's data folder]",
)


def default_data() -> Path:
    """Where `shipledger up` keeps its data unless told."""
    return Path(user_data_dir("shipledger"))
