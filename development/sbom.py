"""`make sbom`: write a bill of materials (CycloneDX 1.6) of what is installed with a release.

It lists every locked package with its version and the hashes of its files, so that it can be compared with advisories
later. The same commit gives the same bytes.
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).parents[1]
# The lock file of the server with the servers of `shipledger up`, which includes that of the image.
LOCK = "requirements-embedded.txt"
FORMAT = "1.6"


def sbom_path(folder: Path, version: str) -> Path:
    """Return where the bill of materials of a version is written."""
    return folder / f"shipledger-{version}.cdx.json"


def project_version() -> str:
    """Return the version in pyproject.toml."""
    version: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return version


def write_sbom(path: Path, version: str) -> None:
    """Write the bill of materials, checked against the schema of CycloneDX."""
    command = [
        *(sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements", LOCK, "--pyproject", "pyproject.toml"),
        *("--spec-version", FORMAT, "--output-format", "JSON", "--output-reproducible", "--short-PURLs", "--validate"),
    ]
    finished = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if finished.returncode:
        raise click.ClickException(f"cyclonedx-py failed: {finished.stderr.strip()}")
    bill = complete(json.loads(finished.stdout), version)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(bill, indent=2, sort_keys=True) + "\n")


def complete(bill: dict[str, Any], version: str) -> dict[str, Any]:
    """Add the version, and what cyclonedx-py leaves open: that the release needs every package that is listed."""
    root = bill["metadata"]["component"]
    root["version"] = version
    listed = [each["bom-ref"] for each in bill["components"]]
    others = [each for each in bill.get("dependencies", ()) if each["ref"] != root["bom-ref"]]
    bill["dependencies"] = [{"ref": root["bom-ref"], "dependsOn": sorted(listed)}, *others]
    for each in bill["components"]:
        # The line of the lock file, which repeats the hashes.
        each.pop("description", None)
    return bill


@click.command()
@click.option(
    "--folder", type=click.Path(path_type=Path), default=ROOT / "dist", help="Where to write it.  [default: dist]"
)
def main(folder: Path) -> None:
    """Write the bill of materials of the present version."""
    version = project_version()
    path = sbom_path(folder, version)
    write_sbom(path, version)
    click.echo(path)


if __name__ == "__main__":
    main()
