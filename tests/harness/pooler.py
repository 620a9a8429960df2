"""PgBouncer in transaction mode before the PostgreSQL of the tests."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.harness.servers import ROLES

READY_SECONDS = 20.0
# Debian's package installs it where only administrators look.
PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))
# Transactions of one process alternate between the few connections of a database.
SETTINGS = """
[databases]
* = host={postgres}
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 3
min_pool_size = 2
server_round_robin = 1
max_client_conn = 1000
max_db_connections = 12
server_idle_timeout = 2
logfile = {folder}/log
"""


@contextmanager
def pooler(postgres_socket: str) -> Iterator[str]:
    """Run PgBouncer; yield the folder of its socket, which has the port of PostgreSQL."""
    program = shutil.which("pgbouncer", path=PLACES)
    assert program, "SHIPLEDGER_TEST_POOLER needs PgBouncer: apt-get install pgbouncer"
    folder = Path(tempfile.mkdtemp(prefix="shipledger-pooler-"))
    folder.chmod(0o777)
    (folder / "users").write_text("".join(f'"{role}" ""\n' for role in (ROLES.application, ROLES.sweep)))
    settings = folder / "pgbouncer.ini"
    settings.write_text(SETTINGS.format(postgres=postgres_socket, folder=folder) + "listen_port = 5432\n")
    # It refuses to run as root, and needs to reach PostgreSQL's socket.
    user = ["-u", Path(postgres_socket).owner()] if os.geteuid() == 0 else []
    process = subprocess.Popen([program, "-q", *user, str(settings)])
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not (folder / ".s.PGSQL.5432").exists():
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, "PgBouncer did not start in time"
            time.sleep(0.02)
        yield str(folder)
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)
