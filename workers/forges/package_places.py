"""Finds in which folder a package lies, by the files of a commit. Paths and contents stay in memory."""

from collections.abc import Mapping

from vocabulary.package_folders import folders_called, is_manifest, manifest_name, package_folder
from workers.forge_access.errors import RefusedError
from workers.forge_access.listed import Listed
from workers.forges.code import CodeClient

# Reading the manifests of a repository with more packages is not worth the requests.
MAX_MANIFESTS = 100


class PackagePlaces:
    """Folders of packages; keeps the files of commits, which several packages may be released from."""

    def __init__(self, client: CodeClient, repository: Listed) -> None:
        self._client, self._repository = client, repository
        self._files: dict[str, Mapping[str, str]] = {}
        self._names: dict[str, str | None] = {}

    def find(self, package: str, commit: str, *, is_explicit: bool) -> str | None:
        """Return the folder of a package in a commit; None if that is not clear or may not be read. Raises ForgeError.

        If the tag names the package explicitly, as `pkg@1.2.3`, a folder without a manifest will do.
        """
        try:
            files = self._read(commit)
            manifests = {_folder(path): path for path in sorted(files) if is_manifest(path) and "/" in path}
            found = self._by_manifest(package, files, manifests)
        except RefusedError:
            return None
        if found is None and is_explicit:
            found = package_folder(package, {above for path in files for above in folders_above(path)})
        return found

    def _read(self, commit: str) -> Mapping[str, str]:
        if commit not in self._files:
            self._files[commit] = self._client.files(self._repository, commit) or {}
        return self._files[commit]

    def _by_manifest(self, package: str, files: Mapping[str, str], manifests: Mapping[str, str]) -> str | None:
        """Read the likeliest manifests first: nearly always the folder is called like the package."""
        likely = {folder: manifests[folder] for folder in folders_called(package, manifests)}
        named = self._read_names(files, likely)
        if all(name.lower() != package for name in named.values()):
            named |= self._read_names(files, manifests)
        return package_folder(package, manifests.keys(), named)

    def _read_names(self, files: Mapping[str, str], manifests: Mapping[str, str]) -> dict[str, str]:
        """Return how manifests call their packages, by folder; of too many, none is read."""
        ids = {folder: files[path] for folder, path in manifests.items()}
        unread = {*ids.values()} - self._names.keys()
        if len(unread) > MAX_MANIFESTS:
            return {}
        texts = self._client.texts(self._repository, unread) if unread else {}
        self._names |= {each: manifest_name(texts.get(each, "").splitlines()) for each in unread}
        return {folder: name for folder, each in ids.items() if (name := self._names.get(each)) is not None}


def folders_above(path: str) -> set[str]:
    """Return the folders that a path lies in."""
    parts = path.split("/")[:-1]
    return {"/".join(parts[:end]) for end in range(1, len(parts) + 1)}


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
