"""`make migration M="what changed"`: compare the tables in the code with the migrations, and write the next migration.

It uses a temporary database.
"""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from alembic import command
from alembic.autogenerate.rewriter import Rewriter
from alembic.config import Config
from alembic.operations import ops
from alembic.script import ScriptDirectory
from sqlalchemy import String
from sqlmodel import AutoString

from schema.tables import METADATA
from tests.harness.servers import TEMPLATE, postgres, url_of

NOTHING_DIFFERS = "def upgrade() -> None:\n    pass\n"
# As in the first migration: even the owner sees only one organization.
PROTECTION = (
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
    (
        "CREATE POLICY tenant ON {table} USING ("
        "organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint"
        " OR current_setting('shipledger.operator', true) = 'on')"
    ),
)
_ALEMBIC_COMMENT = re.compile(r"^ +# ### .* ###\n", re.MULTILINE)

_rewriter = Rewriter()


@_rewriter.rewrites(ops.CreateTableOp)
def protect(_context: object, _revision: object, made: ops.CreateTableOp) -> list[ops.MigrateOperation]:
    """Add row-level security to a new table."""
    return [made, *(ops.ExecuteSQLOp(statement.format(table=made.table_name)) for statement in PROTECTION)]


def write_migration(database_url: str, message: str) -> Path:
    """Write the migration from a migrated database to the tables in the code; return its file."""
    config = Config("alembic.ini", stdout=sys.stderr)
    config.attributes["database_url"] = database_url
    _name_plain_types()
    written = command.revision(
        config,
        message=message,
        autogenerate=True,
        rev_id=_revision(config),
        process_revision_directives=_rewriter,
    )
    assert written is not None
    assert not isinstance(written, list)
    file = Path(written.path)
    file.write_text(_ALEMBIC_COMMENT.sub("", file.read_text()))
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", file], check=True)
    return file


def _revision(config: Config) -> str:
    """Return the time in the file's name, or the number after the newest revision where that is later."""
    newest = ScriptDirectory.from_config(config).get_current_head()
    return str(max(int(f"{datetime.now(UTC):%Y%m%d%H%M}"), int(newest or 0) + 1))


def _name_plain_types() -> None:
    """Replace SQLModel's types with SQLAlchemy's, so that migrations do not import SQLModel."""
    for table in METADATA.tables.values():
        for column in table.columns:
            if isinstance(column.type, AutoString):
                column.type = String(column.type.length)


def main() -> None:
    """Write the migration and print its path, relative to the current folder."""
    with postgres() as socket_folder:
        file = write_migration(url_of(socket_folder, TEMPLATE), sys.argv[1])
    click.echo(os.path.relpath(file))
    if NOTHING_DIFFERS in file.read_text():
        click.echo("The tables did not change: write the migration yourself, or delete the file.", err=True)


if __name__ == "__main__":
    main()
