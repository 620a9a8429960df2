"""Commands, settings, endpoints, tables and paths that the documents name, read from their Markdown.

Blocks marked `console` hold commands after `$ `; blocks marked `text` are not checked.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
ARCHITECTURE = ROOT / "ARCHITECTURE.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
PAGES = [README, *sorted(DOCS.glob("*.md"))]
SECURITY = ROOT / "SECURITY.md"
DOCUMENTS = [*PAGES, ARCHITECTURE, CONTRIBUTING, SECURITY]

_BLOCK = re.compile(r"^ *```console\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"`((?:\.venv/bin/)?shipledger(?: [^`]+)?)`")
_ENDPOINT = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) (/[A-Za-z0-9/{}_.-]*[A-Za-z0-9}])")
_SETTING = re.compile(r"\b(SHIPLEDGER_[A-Z_]+|DATABASE_URL|REDIS_URL)\b")
_CODE = re.compile(r"`([^`\n]+)`")


def text_of(documents: list[Path]) -> str:
    return "\n".join(document.read_text() for document in documents)


def console_commands(document: Path) -> list[str]:
    """Return the commands of console blocks, in order."""
    lines = "\n".join(_BLOCK.findall(document.read_text())).splitlines()
    return [line.strip().removeprefix("$ ") for line in lines if line.strip().startswith("$ ")]


def shipledger_commands(document: Path) -> Iterator[str]:
    """Yield each shipledger command in blocks and sentences."""
    text = document.read_text()
    yield from (command for command in console_commands(document) if command.startswith("shipledger"))
    yield from (command.removeprefix(".venv/bin/") for command in _COMMAND.findall(text))


def endpoints(text: str) -> set[tuple[str, str]]:
    return set(_ENDPOINT.findall(text))


def documented_scopes() -> dict[tuple[str, str], str]:
    """Return the scope of each endpoint in the REST cookbook."""
    reference = (DOCS / "rest.md").read_text().split("## All endpoints")[1]
    rows = re.findall(r"^\| `([A-Z]+) (\S+)` \| `(\w+)` \|", reference, re.MULTILINE)
    return {(method, path): scope for method, path, scope in rows}


def metrics(text: str) -> set[str]:
    """Return names of Prometheus metrics."""
    return set(re.findall(r"\bshipledger_[a-z_]+\b", text))


def settings(text: str) -> set[str]:
    return set(_SETTING.findall(text))


def table_rows(document: Path, heading: str) -> list[list[str]]:
    """Return the cells of each row of the first table below a heading, without the header row."""
    section = document.read_text().split(f"\n{heading}\n", 1)[1]
    rows: list[list[str]] = []
    for line in section.splitlines():
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            break
    return rows[2:]


def tracked_files() -> set[str]:
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, check=True, text=True)
    return {file for file in listed.stdout.splitlines() if (ROOT / file).exists()}


def tracked_folders() -> set[str]:
    return {str(parent) for file in tracked_files() for parent in Path(file).parents} - {"."}


def named_paths(document: Path) -> set[str]:
    """Return the files and folders of the project that a document names as code."""
    tops = {file.split("/")[0] for file in tracked_files() if "/" in file}
    words = {word for code in _CODE.findall(document.read_text()) for word in code.split()}
    paths = {word.rstrip("/,") for word in words if word.split("/")[0] in tops and "/" in word}
    return {path for path in paths if not re.search(r"[<>{}*]|^\.venv", path)}
