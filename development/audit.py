"""`make audit`: look up known vulnerabilities of every locked package.

Asks PyPI and OSV through pip-audit. Where neither answers, nothing was audited: the command says so loudly and
succeeds, unless `--require` is given, as in CI.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import click

ROOT = Path(__file__).parents[1]
# Each lock file of a release; what only contributors install is audited too.
LOCKS = ("requirements-embedded.txt", "requirements-dev.txt")
SERVICES = ("pypi", "osv")
PATIENCE_SECONDS = 15


class Audit(NamedTuple):
    """What a service said of a lock file: packages that it knows, and their vulnerabilities as lines to show."""

    audited: int
    unknown: int
    vulnerable: list[str]


def read_report(report: dict[str, Any]) -> Audit:
    """Read the JSON of pip-audit. A package that the service does not know counts as not audited."""
    packages = report["dependencies"]
    known = [each for each in packages if "skip_reason" not in each]
    vulnerable = [
        f"{each['name']} {each['version']}: {found['id']}, fixed in {', '.join(found['fix_versions']) or 'no version'}"
        for each in known
        for found in each["vulns"]
    ]
    return Audit(len(known), len(packages) - len(known), vulnerable)


def ask(service: str, lock: str) -> Audit | None:
    """Audit a lock file with one service; None if the service cannot be reached or knows none of the packages."""
    command = [
        *(sys.executable, "-m", "pip_audit", "--requirement", lock, "--disable-pip", "--require-hashes"),
        *("--vulnerability-service", service, "--format", "json", "--progress-spinner", "off"),
        *("--timeout", str(PATIENCE_SECONDS)),
    ]
    finished = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    try:
        audit = read_report(json.loads(finished.stdout))
    except (json.JSONDecodeError, KeyError):
        return None
    return audit if audit.audited else None


@click.command()
@click.option("--require", is_flag=True, help="Fail if no service answers.")
def main(*, require: bool) -> None:
    """Look up known vulnerabilities of every locked package."""
    vulnerable: set[str] = set()
    skipped = False
    for lock in LOCKS:
        audit = next((found for service in SERVICES if (found := ask(service, lock)) is not None), None)
        if audit is None:
            skipped = True
            click.echo(f"NOT AUDITED: {lock}. Neither {' nor '.join(SERVICES)} answered; check the network.", err=True)
            continue
        click.echo(
            f"{lock}: {audit.audited} packages audited, {audit.unknown} unknown, {len(audit.vulnerable)} vulnerable"
        )
        vulnerable.update(audit.vulnerable)
    for line in sorted(vulnerable):
        click.echo(line, err=True)
    if vulnerable or (skipped and require):
        sys.exit(1)


if __name__ == "__main__":
    main()
