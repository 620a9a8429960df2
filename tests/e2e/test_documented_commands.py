"""Every command in a `console` block of README and docs/ runs, in the order of its page, beside a running stack.

What would reach a forge, a provider or a gateway, what never ends, and what needs ids or days of the reader is run as
`--help`; its options are compared in tests/unit/test_docs.py. `make` shows what it would do.
"""

import gzip
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.documents import PAGES, ROOT, console_commands
from tests.harness.repository import ScriptedRepository
from tests.harness.shipledger_up import Up, environment_of, up
from tests.unit.service.imports.transcripts.test_claude_code import line

PAYLOADS = ROOT / "tests" / "payloads"
WITH_COMMANDS = [page for page in PAGES if console_commands(page)]
OF_OTHERS = re.compile(
    r"^shipledger (up|service|worker|demo|github|gitlab|provider-account (?!list)|import litellm|teams sync|resettle)\b"
    r"|^shipledger .*[0-9a-f]{8}-[0-9a-f]{4}-"
)
GATEWAY_LINE = (
    '{"event_id": "req_1", "occurred_at": "2026-11-22T01:45:52Z", "provider": "anthropic",'
    ' "model": "claude-sonnet-4-5", "request_bytes": 21480, "response_bytes": 9310}\n'
)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader's home, with the clone, transcripts and files that the pages speak of."""
    home = tmp_path_factory.mktemp("home")
    clone = ScriptedRepository(home / "code" / "your-repository")
    clone.commit("begin")
    clone.pull_request(123, "feature", commits=2)
    clone.tag("v1.2.0")
    transcript = home / ".claude" / "projects" / "your-repository" / "session.jsonl"
    transcript.parent.mkdir(parents=True)
    transcript.write_bytes(line() + b"\n")
    (home / "bedrock-logs").mkdir()
    shutil.copy(PAYLOADS / "bedrock" / "invocations__claude.json", home / "bedrock-logs")
    (home / "gateway.jsonl").write_text(GATEWAY_LINE)
    bill = (PAYLOADS / "focus" / "mixed__1_0.csv").read_bytes()
    (home / "november.csv.gz").write_bytes(gzip.compress(bill))
    return home


@pytest.fixture(scope="module")
def stack(reader: Path) -> Iterator[Up]:
    with up(reader, reader / "data") as running:
        shutil.copy(reader / "data" / "secret-key", reader / "kept-key")
        subprocess.run(
            ["bash", "-euc", "shipledger import git ~/code/your-repository"],
            check=True,
            capture_output=True,
            cwd=reader,
            env=variables(reader, running),
        )
        yield running


def variables(reader: Path, stack: Up) -> dict[str, str]:
    environment = environment_of(reader)
    return {
        **environment,
        "PATH": f"{Path(sys.executable).parent}:{environment['PATH']}",
        "SHIPLEDGER_URL": stack.url,
        "SHIPLEDGER_API_KEY": stack.said["api_key"],
    }


def runnable(command: str, stack: Up) -> str:
    """The command as a test may run it."""
    command = command.removeprefix(".venv/bin/")
    if command.startswith("make "):
        return f"make --no-print-directory --dry-run -C {ROOT} {command.removeprefix('make ')}"
    if command.startswith("shipledger migrate"):
        return f"DATABASE_URL='{stack.owner_url}' {command}"
    return f"{command} --help" if OF_OTHERS.match(command) else command


@pytest.mark.timeout(240)
# The documented commands call curl, which is not a Python package that the tests could install.
@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_run(page: Path, reader: Path, stack: Up) -> None:
    script = [f"{runnable(command, stack)} >/dev/null" for command in plain(page)]
    functions = [command for command in console_commands(page) if is_function(command)]
    finished = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join([*functions, "set -x", *script])],
        capture_output=True,
        check=False,
        cwd=reader,
        env=variables(reader, stack),
        text=True,
        timeout=200,
    )
    assert finished.returncode == 0, finished.stderr


def is_function(command: str) -> bool:
    return re.match(r"\w+\(\) \{", command) is not None


def plain(page: Path) -> list[str]:
    return [command for command in console_commands(page) if not is_function(command)]
