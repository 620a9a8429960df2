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
# Manifests that have the name of their package.
SUFFIX = ".gemspec"
# How a manifest calls its package, also for git grep: a line, and the name in it.
NAMING_LINE = r'^ *"name" *:|^name *[=:]|^module |\.name *=|<artifactId>|^ *app: *:'
_NAMING = re.compile(NAMING_LINE)
_NAME = re.compile(
    r"""(?:"name" *: *"|^name *[=:] *["']?|^module +|\.name *= *["']|<artifactId>|app: *:)([^"'\s<,]+)"""
)
_CHANGELOG = re.compile(r"(?:changelog|changes|history|news)(?:\.\w+)?", re.IGNORECASE)


def package_folder(package: str, folders: Collection[str], names: Mapping[str, str] | None = None) -> str | None:
    """Return the folder of a package, named as in its tags: `pkg`, `@scope/pkg`, or a path. None if that is not clear.

    Of several folders the highest counts. `names` are what manifests call their packages, by folder.
    """
    named = [folder for folder, name in (names or {}).items() if name.lower() == package]
    for wanted in _folder_names(package):
        named = named or [folder for folder in folders if f"/{folder.lower()}".endswith(f"/{wanted}")]
    highest = min((folder.count("/") for folder in named), default=0)
    found = {folder for folder in named if folder.count("/") == highest}
    return found.pop() if len(found) == 1 else None


def is_manifest(path: str) -> bool:
    """Return whether a file makes its folder a package."""
    return path.rpartition("/")[2] in MANIFESTS or path.endswith(SUFFIX)


def manifest_name(lines: Iterable[str]) -> str | None:
    """Return how a manifest calls its package."""
    return next((found[1] for line in lines if _NAMING.search(line) and (found := _NAME.search(line))), None)


def folders_called(package: str, folders: Iterable[str]) -> list[str]:
    """Return the folders that a package may lie in by its name: `pkg` or `scope-pkg` for `@scope/pkg`."""
    wanted = tuple(f"/{name}" for name in _folder_names(package))
    return [folder for folder in folders if f"/{folder.lower()}".endswith(wanted)]


def _folder_names(package: str) -> tuple[str, ...]:
    return package, package.rpartition("/")[2], package.removeprefix("@").replace("/", "-")


def changes_package(folders: Iterable[str], paths: Iterable[str]) -> bool:
    """Return whether any path lies in one of the folders; a changelog does not count, nor does a manifest beside it."""
    inside = [path for path in paths if path.startswith(tuple(f"{folder}/" for folder in folders))]
    names = {path.rpartition("/")[2] for path in inside}
    logs = {name for name in names if _CHANGELOG.fullmatch(name)}
    return bool(names - logs - (MANIFESTS if logs else set()))
