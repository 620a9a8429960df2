"""The embedded stack: start, watch and stop PostgreSQL, Redis if available, service and worker."""

import asyncio
import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

import service
from schema.errors import SetUpError
from schema.key_ring import KeyRing
from schema.settings import load_settings
from service.administration.migrations import upgrade
from service.connections.public_address import require_public_url
from service.embedded.access import announce, grant_access, keep, keep_settings, kept_key, withdraw
from service.embedded.child import ChildPlan
from service.embedded.data_folder import DataFolder
from service.embedded.left_over import ProcessRecord
from service.embedded.postgres import EmbeddedPostgres, binaries
from service.embedded.redis import EmbeddedRedis, find_server
from service.embedded.supervisor import Supervisor
from service.http.listening_socket import listen, local_url

READY_SECONDS = 60.0
# Enough for the worker to finish its batches. Interrupted work rolls back and continues after the next start.
WORKER_GRACE = 7.0


class EmbeddedStack:
    """A complete installation on one machine. Its methods block; do not call them in an event loop.

    Set while it runs: `url`, `api_key`, `is_new_key`, `dashboard_link` (works once), the database's URL for each role,
    and `redis_url`, which is empty without Redis.
    """

    def __init__(self, data: Path, port: int = 8787, host: str = "127.0.0.1", *, is_demo: bool = False) -> None:
        self._folder = DataFolder(data)
        self._is_demo = is_demo
        self._host = host
        self._port = port
        self._cleanup = ExitStack()
        self.url = self.api_key = self.dashboard_link = self.redis_url = ""
        self.database_url = self.worker_database_url = self.owner_database_url = ""
        self.is_new_key = False

    @property
    def data(self) -> Path:
        """Return the data folder."""
        return self._folder.path

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything and wait until it is ready.

        Stops everything and raises SetUpError if something cannot start.
        """
        try:
            self._start()
        except OSError as error:
            self.stop()
            raise SetUpError(
                f"cannot start on {self.data} ({error.strerror or type(error).__name__}); free some space, or choose "
                "another folder with --data"
            ) from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop service, worker, Redis and PostgreSQL, in that order; no accepted request is lost."""
        self._cleanup.close()

    def _start(self) -> None:
        # Its own PostgreSQL and Redis come later; a mistake in any setting is named before anything is created.
        public_url = load_settings().public_url
        require_public_url(self._host, public_url)
        binaries()  # Raises before anything is created if PostgreSQL is not installed.
        self._cleanup.enter_context(self._folder.claimed())
        listening = self._cleanup.enter_context(listen(self._host, self._port))
        self.url = local_url(listening)
        record = ProcessRecord(self._folder.processes)
        record.end_left_over()
        secret_key, *other_keys = self._folder.secret_keys()
        supervisor = Supervisor(record, self._folder.has_room)
        self._start_stores(supervisor)
        upgrade(self.owner_database_url)
        ring = KeyRing.of(secret_key, *other_keys)
        access = asyncio.run(grant_access(self.owner_database_url, ring, kept_key(self._folder)))
        self.api_key, self.is_new_key = access.api_key, access.is_new
        self.dashboard_link = f"{(public_url or self.url).rstrip('/')}/sign-in/{access.sign_in_token}"
        keep(self._folder, self.url, self.api_key)
        settings = {
            "database_url": self.database_url,
            "redis_url": self.redis_url,
            "secret_key": secret_key,
            "other_secret_keys": ",".join(other_keys),
        }
        variables = ("DATABASE_URL", "REDIS_URL", "SHIPLEDGER_SECRET_KEY", "SHIPLEDGER_OTHER_SECRET_KEYS")
        environment = dict(zip(variables, settings.values(), strict=True))
        of_worker = {"SHIPLEDGER_WORKER_DATABASE_URL": self.worker_database_url}
        # Alerts link to the dashboard.
        dashboard = {"SHIPLEDGER_HOST": self._host, "SHIPLEDGER_PORT": str(listening.getsockname()[1])}
        supervisor.start(_python("worker", "workers.main", environment | of_worker | dashboard, grace=WORKER_GRACE))
        number = listening.fileno()
        supervisor.start(_python("service", "service.server", environment, f"--listen-fd={number}", inherited=[number]))
        self._wait_until_ready(supervisor)
        supervisor.watch()
        self._cleanup.callback(withdraw, self._folder)
        administration = {
            "worker_database_url": self.worker_database_url,
            "owner_database_url": self.owner_database_url,
        }
        keep_settings(self._folder, settings | administration)
        # A killed stack left its own behind.
        self._folder.running.unlink(missing_ok=True)
        self.announce()

    def announce(self) -> None:
        """Let commands of this user find the stack, unless they belong to another one that runs."""
        announce(self._folder, self.url, self.api_key, is_demo=self._is_demo)

    def _start_stores(self, supervisor: Supervisor) -> None:
        server = find_server()
        postgres = EmbeddedPostgres(self._folder)
        redis = None if server is None else EmbeddedRedis(server, self._folder)
        stores = [store for store in (postgres, redis) if store is not None]
        for store in stores:
            self._cleanup.callback(store.close)
        plans = [store.prepare() for store in stores]
        self._cleanup.callback(supervisor.stop)
        processes = [supervisor.start(plan) for plan in plans]
        for store, process in zip(stores, processes, strict=True):
            store.wait_until_ready(process)
        asyncio.run(postgres.make_roles_and_database())
        self.database_url, self.worker_database_url = postgres.url, postgres.worker_url
        self.owner_database_url = postgres.owner_url
        self.redis_url = "" if redis is None else redis.url

    def _wait_until_ready(self, supervisor: Supervisor) -> None:
        process = supervisor.process("service")
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise SetUpError("the service did not start; see the error above")
            try:
                if httpx.get(f"{self.url}/health/ready", timeout=2, trust_env=False).is_success:
                    return
            except httpx.TransportError:
                pass  # it is still starting
            time.sleep(0.05)
        raise SetUpError(f"the service was not ready within {READY_SECONDS:.0f} s")


def _python(
    name: str,
    module: str,
    environment: dict[str, str],
    *arguments: str,
    grace: float = 5.0,
    inherited: list[int] | None = None,
) -> ChildPlan:
    """Plan a process of our own that imports packages from where this one did, never from the current folder."""
    packages = str(Path(service.__file__).parent.parent)
    python_path = os.pathsep.join(filter(None, [packages, os.environ.get("PYTHONPATH")]))
    return ChildPlan(
        name=name,
        command=[sys.executable, "-P", "-m", module, *arguments],
        environment={**environment, "PYTHONPATH": python_path},
        grace=grace,
        inherited=inherited or [],
    )
