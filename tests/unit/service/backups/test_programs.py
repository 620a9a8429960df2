"""PostgreSQL's own programs."""

import sys
from pathlib import Path

import pytest

from schema.errors import SetUpError
from service.backups.programs import find_program, run_program

SHOWS_ITSELF = (
    "import os, sys; print(sys.argv[1:], os.environ.get('PGPASSWORD'), os.environ['PGOPTIONS'], file=sys.stderr)"
)


def test_a_program_older_than_the_server_is_not_taken() -> None:
    assert find_program("pg_dump", 15).name == "pg_dump"
    with pytest.raises(SetUpError, match=r"pg_dump of PostgreSQL 99 or later .* apt-get install postgresql-client-99"):
        find_program("pg_dump", 99)


def test_a_password_is_on_no_command_line() -> None:
    lines: list[str] = []

    run_program(
        [sys.executable, "-c", SHOWS_ITSELF], "postgresql://one:p%40ss@host:5/name?a=b", {"x.y": "on"}, lines.append
    )

    assert lines == ["['--dbname=postgresql://one@host:5/name?a=b'] p@ss -c x.y=on"]


def test_the_last_line_of_a_program_that_fails_is_its_error() -> None:
    with pytest.raises(SetUpError, match=f"^{Path(sys.executable).name} failed: no room$"):
        run_program(
            [sys.executable, "-c", "import sys; sys.exit('pg_dump: error: no room')"], "postgresql:///x", {}, id
        )
