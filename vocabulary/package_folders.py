"""In which folder a package of a repository lies, and what changed it. Pure; paths are only compared, never kept."""

import re
from collections.abc import Collection, Iterable, Mapping

# Files that make a folder a package.
MANIFESTS = frozenset(
    {
        *("package.json", "Cargo.toml", "pyproject.toml", "setup.cfg", "go.mod", "composer.json", "Chart.yaml"),
        *("pubspec.yaml", "pom.xml", "mix.exs"),
    }
)
_CHANGELOG = re.compile(r"(?:changelog|changes|history|news)(?:\.\w+)?", re.IGNORECASE)


def package_folder(package: str, folders: Collection[str], names: Mapping[str, str] | None = None) -> str | None:
    """Return the folder of a package, named as in its tags: `pkg`, `@scope/pkg`, or a path. None if that is not clear.

    Of several folders the highest counts. `names` are what manifests call their packages, by folder.
    """
    named = [folder for folder, name in (names or {}).items() if name.lower() == package]
    for wanted in (package, package.rpartition("/")[2], package.removeprefix("@").replace("/", "-")):
        named = named or [folder for folder in folders if f"/{folder.lower()}".endswith(f"/{wanted}")]
    highest = min((folder.count("/") for folder in named), default=0)
    found = {folder for folder in named if folder.count("/") == highest}
    return found.pop() if len(found) == 1 else None


def changes_package(folders: Iterable[str], paths: Iterable[str]) -> bool:
    """Return whether any path lies in one of the folders; a changelog does not count, nor does a manifest beside it."""
    inside = [path for path in paths if path.startswith(tuple(f"{folder}/" for folder in folders))]
    names = {path.rpartition("/")[2] for path in inside}
    logs = {name for name in names if _CHANGELOG.fullmatch(name)}
    return bool(names - logs - (MANIFESTS if logs else set()))
