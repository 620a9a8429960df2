"""What a revision says of a database, and that the migrations make one line."""

import pytest
from alembic.script import ScriptDirectory

from schema.errors import SetUpError
from service.administration import migrations
from service.administration.migrations import MigrationState


@pytest.mark.parametrize(
    ("revision", "state"),
    [
        (None, MigrationState.BEHIND),
        (migrations.head(), MigrationState.UP_TO_DATE),
        ("0001", MigrationState.UNSUPPORTED),
        ("0035", MigrationState.UNSUPPORTED),
        ("999901010000", MigrationState.NEWER),
    ],
)
def test_a_revision_says_whether_this_code_can_work_with_the_database(
    revision: str | None, state: MigrationState
) -> None:
    assert migrations.state_of(revision) is state


def test_every_migration_runs_on_a_database_without_tables() -> None:
    assert len(migrations.pending(None)) == len(list(_scripts().walk_revisions()))
    assert migrations.pending(migrations.head()) == []


@pytest.mark.parametrize(
    ("revision", "state"), [("0035", MigrationState.UNSUPPORTED), ("999901010000", MigrationState.NEWER)]
)
def test_no_migration_leads_from_a_version_that_was_never_released_or_is_newer(
    revision: str, state: MigrationState
) -> None:
    with pytest.raises(SetUpError, match="This database") as refused:
        migrations.pending(revision)
    assert refused.value.detail == state.value


def test_each_migration_is_named_by_its_instant_and_what_it_changes() -> None:
    for script in _scripts().walk_revisions():
        instant, _, _ = script.path.rpartition("/")[2].partition("_")
        assert instant.replace("-", "") == script.revision


def _scripts() -> ScriptDirectory:
    return migrations._scripts()
