"""`shipledger doctor`: check the installation and list what to fix, most important first."""

# ruff: noqa: PLC0415 - the heavy parts are imported when the command runs, so that --help is quick
import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.options import data_option, example, json_option

if TYPE_CHECKING:
    from service.diagnosis import Finding

MARKS = {"ok": "ok", "warning": "!!", "missing": "xx", "skipped": "--"}


@click.command(epilog=example("shipledger doctor"))
@click.option(
    "--url",
    envvar="SHIPLEDGER_URL",
    help="URL of the service to check.  [default: the service on this machine]",
)
@data_option
@json_option
def doctor(url: str | None, data: Path | None, as_json: bool) -> None:
    """Check the installation and list what to fix, in order.

    Checks DATABASE_URL and REDIS_URL, or else the `shipledger up` that runs here. Exits with 1 if something essential
    is missing (xx), and with 0 if there are only warnings (!!).

    """
    from service.cli.environment import find_settings, find_url
    from service.diagnosis import State, diagnose

    settings = find_settings(data)
    findings = asyncio.run(diagnose(settings, (url or find_url(settings, data)).rstrip("/")))
    problems = [finding for finding in findings if finding.state == State.MISSING]
    problems += [finding for finding in findings if finding.state == State.WARNING]
    if as_json:
        following = problems[0].remedy if problems else None
        click.echo(json.dumps({"next": following, "checks": [asdict(finding) for finding in findings]}))
    else:
        _print(findings, problems)
    sys.exit(1 if any(finding.state == State.MISSING for finding in findings) else 0)


def _print(findings: "list[Finding]", problems: "list[Finding]") -> None:
    if problems:
        click.echo(f"Next: {problems[0].remedy}  ({problems[0].check}: {problems[0].detail})\n")
    else:
        click.echo("Everything works.\n")
    width = max(len(finding.check) for finding in findings)
    for finding in findings:
        remedy = f"  ->  {finding.remedy}" if finding.remedy else ""
        click.echo(f"{MARKS[finding.state]}  {finding.check:{width}}  {finding.detail}{remedy}")
