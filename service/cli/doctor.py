"""`shipledger doctor`: check the installation and list what to fix, most important first."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import asyncio
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from shutil import get_terminal_size
from textwrap import fill
from typing import TYPE_CHECKING

import click

from service.cli.options import data_option, default_data, example, json_option, service_options
from service.client import KEY_VARIABLE, given_url

if TYPE_CHECKING:
    from service.diagnosis import Finding

# Columns of text beside the names of the checks, however narrow the terminal is.
NARROWEST = 20
MARKS = {"ok": "ok", "warning": "!!", "missing": "xx", "skipped": "--"}


@click.command(epilog=example("shipledger doctor"))
@service_options
@data_option
@json_option
def doctor(url: str | None, key: str | None, data: Path | None, as_json: bool) -> None:
    """Check the installation and list what to fix, in order.

    Checks DATABASE_URL and REDIS_URL, or else the `shipledger up` that runs here, or the service at --url by its API.
    Exits with 1 if something essential is missing (xx), and with 0 if there are only warnings (!!).

    """
    from service.diagnosis import State

    url, key = given_url(url), key or os.environ.get(KEY_VARIABLE)
    findings = asyncio.run(_diagnose(url, key, data))
    problems = [finding for finding in findings if finding.state == State.MISSING]
    problems += [finding for finding in findings if finding.state == State.WARNING]
    if as_json:
        following = problems[0].remedy if problems else None
        click.echo(json.dumps({"next": following, "checks": [asdict(finding) for finding in findings]}))
    else:
        _print(findings, problems)
    sys.exit(1 if any(finding.state == State.MISSING for finding in findings) else 0)


async def _diagnose(url: str | None, key: str | None, data: Path | None) -> "list[Finding]":
    from service.cli.environment import find_settings, find_url, has_database
    from service.diagnosis import diagnose, diagnose_remote, not_running
    from service.diagnosis.machine import check_python

    if data is None and not has_database(url):
        if url:
            return await diagnose_remote(url.rstrip("/"), key)
        if (default_data() / "secret-key").exists():
            return [check_python(), not_running(default_data())]
    settings = find_settings(data)
    return await diagnose(settings, (url or find_url(settings, data)).rstrip("/"), key)


def _print(findings: "list[Finding]", problems: "list[Finding]") -> None:
    if problems:
        first = problems[0]
        click.echo(_wrapped("Next: ", first.remedy or "") + "\n" + _wrapped("  because of ", _because(first)) + "\n")
    else:
        click.echo("Everything works.\n")
    width = max(len(finding.check) for finding in findings)
    for finding in findings:
        click.echo(_wrapped(f"{MARKS[finding.state]}  {finding.check:{width}}  ", finding.detail))
        if finding.remedy:
            click.echo(_wrapped(f"    {'':{width}}  -> ", finding.remedy))


def _because(finding: "Finding") -> str:
    return f"{finding.check}: {finding.detail}"


def _wrapped(begin: str, text: str) -> str:
    """Return a line, wrapped below its text on a terminal; programs get it whole."""
    if not sys.stdout.isatty():
        return begin + text
    width = max(get_terminal_size().columns, len(begin) + NARROWEST)
    return fill(text, width, initial_indent=begin, subsequent_indent=" " * len(begin), break_on_hyphens=False)
