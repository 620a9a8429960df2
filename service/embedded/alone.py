"""The embedded PostgreSQL by itself, on the data folder of a stack that does not run."""

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from schema.errors import SetUpError
from schema.settings import Settings, load_settings
from service.embedded.data_folder import DataFolder, write_private
from service.embedded.left_over import ProcessRecord
from service.embedded.postgres import EmbeddedPostgres, binaries
from service.embedded.supervisor import Supervisor


@contextmanager
def database_alone(folder: DataFolder) -> Iterator[Settings]:
    """Run only PostgreSQL on the data of a stack; yields the settings for commands.

    Raises SetUpError if a stack runs on the folder, if it has no data, or if PostgreSQL cannot start.
    """
    binaries()
    if not folder.postgres.exists():
        raise SetUpError(f"{folder.path} holds no data of shipledger; name the data folder with --data")
    with folder.claimed(), _running(folder) as postgres:
        yield _settings(postgres, folder.secret_keys())


@contextmanager
def new_database_alone(folder: DataFolder, secret_keys: Sequence[str]) -> Iterator[Settings]:
    """Create the data of a stack with these secret keys, and run only PostgreSQL on it; yields the settings.

    Without a key, `up` asks for the file of the key before it starts. If the block fails, nothing is left. Raises
    SetUpError if the folder has data already, or if PostgreSQL cannot start.
    """
    binaries()
    with folder.claimed():
        if folder.postgres.exists():
            raise SetUpError(f"{folder.path} holds data already; name a new folder with --data")
        try:
            if secret_keys:
                write_private(folder.secret_key_file, "\n".join(secret_keys))
            with _running(folder) as postgres:
                yield _settings(postgres, secret_keys)
        except BaseException:
            shutil.rmtree(folder.postgres, ignore_errors=True)
            folder.secret_key_file.unlink(missing_ok=True)
            raise


@contextmanager
def _running(folder: DataFolder) -> Iterator[EmbeddedPostgres]:
    record = ProcessRecord(folder.processes)
    record.end_left_over()
    postgres, supervisor = EmbeddedPostgres(folder), Supervisor(record)
    with ExitStack() as cleanup:
        cleanup.callback(postgres.close)
        plan = postgres.prepare()
        cleanup.callback(supervisor.stop)
        postgres.wait_until_ready(supervisor.start(plan))
        asyncio.run(postgres.make_roles_and_database())
        yield postgres


def _settings(postgres: EmbeddedPostgres, secret_keys: Sequence[str]) -> Settings:
    return load_settings(
        database_url=postgres.url,
        worker_database_url=postgres.worker_url,
        owner_database_url=postgres.owner_url,
        secret_key=secret_keys[0] if secret_keys else "",
        other_secret_keys=",".join(secret_keys[1:]),
    )
