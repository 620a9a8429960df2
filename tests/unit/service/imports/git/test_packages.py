"""Which pull requests of a monorepo each package ships."""

from pathlib import Path

import pytest

from service.imports.git.history import find_pull_requests
from service.imports.git.packages import read_packages
from service.imports.git.reader import GitRepository
from service.imports.git.releases import find_releases
from tests.harness.repository import ScriptedRepository


class Monorepo(ScriptedRepository):
    def change(self, number: int, *paths: str, text: str = "") -> None:
        for path in paths:
            file = self.path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{text or number}\n")
        self.git("add", "--all")
        self.commit(f"CANARY work (#{number})")


@pytest.fixture
def monorepo(tmp_path: Path) -> Monorepo:
    return Monorepo(tmp_path / "clone")


def shipped(repository: Monorepo) -> dict[str, tuple[tuple[int, ...], bool | None]]:
    clone = GitRepository(repository.path)
    history = clone.read_history("origin")
    pull_requests = find_pull_requests(history, "github")
    releases = find_releases(history, pull_requests, read_packages(clone, history, pull_requests))
    return {release.tag.name: (release.pull_requests, release.by_package_folder) for release in releases}


def test_a_package_ships_what_changed_its_folder(monorepo: Monorepo) -> None:
    monorepo.change(1, "packages/core/package.json", text='{\n  "name": "@scope/engine"\n}')
    monorepo.change(2, "packages/errors/package.json", text='{\n  "name": "@scope/errors"\n}')
    monorepo.change(3, "README.md")
    monorepo.tag("@scope/engine@1.0.0")
    monorepo.change(4, "packages/errors/a.ts", "packages/core/a.ts")
    monorepo.tag("@scope/errors@1.0.0")
    monorepo.tag("v1.0.0")
    monorepo.change(5, "packages/core/b.ts")
    monorepo.tag("@scope/engine@1.1.0")
    assert shipped(monorepo) == {
        "@scope/engine@1.0.0": ((1,), True),
        "@scope/errors@1.0.0": ((2, 4), True),
        "v1.0.0": ((1, 2, 3, 4), None),
        "@scope/engine@1.1.0": ((4, 5), True),
    }


def test_a_folder_without_a_manifest_is_found_by_its_name(monorepo: Monorepo) -> None:
    monorepo.change(1, "errors/a.py")
    monorepo.change(2, "other/a.py")
    monorepo.tag("errors/v1.0.0")
    assert shipped(monorepo) == {"errors/v1.0.0": ((1,), True)}


def test_a_package_without_a_folder_ships_everything(monorepo: Monorepo) -> None:
    monorepo.change(1, "build/a.py")
    monorepo.change(2, "other/a.py")
    monorepo.tag("build-7")
    monorepo.tag("gone@1.0.0")
    assert shipped(monorepo) == {"build-7": ((1, 2), False), "gone@1.0.0": ((1, 2), False)}


def test_a_package_that_moved_has_both_folders(monorepo: Monorepo) -> None:
    monorepo.change(1, "errors/a.py")
    monorepo.tag("errors@1.0.0")
    monorepo.change(2, "errors/b.py")
    monorepo.git("mv", "errors", "packages")
    monorepo.git("mv", "packages", "errors-tmp")
    (monorepo.path / "packages").mkdir()
    monorepo.git("mv", "errors-tmp", "packages/errors")
    monorepo.commit("Move it (#3)")
    monorepo.change(4, "packages/errors/c.py")
    monorepo.change(5, "other/c.py")
    monorepo.tag("errors@1.1.0")
    assert shipped(monorepo) == {"errors@1.0.0": ((1,), True), "errors@1.1.0": ((2, 3, 4), True)}


def manifest(name: str, more: str = "") -> str:
    return f'{{\n  "name": "{name}"\n}}{more}'


def test_a_change_of_every_manifest_is_shipped_by_the_package_that_is_released_first(monorepo: Monorepo) -> None:
    monorepo.change(1, "core/package.json", text=manifest("core"))
    monorepo.change(2, "errors/package.json", text=manifest("errors"))
    monorepo.tag("core@1.0.0")
    monorepo.tag("errors@1.0.0")
    monorepo.change(3, "core/package.json", text=manifest("core", "\n"))
    (monorepo.path / "errors/package.json").write_text(manifest("errors", "\n"))
    (monorepo.path / "core/package.json").write_text(manifest("core", "\n\n\n"))
    monorepo.git("add", "--all")
    monorepo.commit("A new address in every manifest (#4)")
    monorepo.change(5, "core/a.ts", "errors/a.ts")
    monorepo.tag("core@1.1.0")
    monorepo.change(6, "errors/package.json", text=manifest("errors", "\n\n\n"))
    monorepo.tag("errors@1.1.0")
    found = {tag: numbers for tag, (numbers, _) in shipped(monorepo).items()}
    assert found == {
        "core@1.0.0": (1,),
        "errors@1.0.0": (2,),
        "core@1.1.0": (3, 4, 5),
        "errors@1.1.0": (5, 6),
    }


def test_the_first_release_of_a_package_ships_what_made_its_manifest(monorepo: Monorepo) -> None:
    (monorepo.path / "core").mkdir()
    (monorepo.path / "core/package.json").write_text(manifest("core"))
    monorepo.change(1, "errors/package.json", text=manifest("errors"))
    monorepo.tag("core@1.0.0")
    monorepo.change(2, "errors/a.ts")
    monorepo.tag("errors@1.0.0")
    assert {tag: numbers for tag, (numbers, _) in shipped(monorepo).items()} == {
        "core@1.0.0": (1,),
        "errors@1.0.0": (1, 2),
    }


def test_a_tag_with_the_name_of_the_repository_names_no_package(monorepo: Monorepo) -> None:
    monorepo.change(1, "src/a.py")
    monorepo.tag("widgets-1.0.0")
    monorepo.tag("gone-1.0.0")
    clone = GitRepository(monorepo.path)
    history = clone.read_history("origin")
    pull_requests = find_pull_requests(history, "github")
    releases = find_releases(history, pull_requests, read_packages(clone, history, pull_requests, "widgets"))
    assert {each.tag.name: each.by_package_folder for each in releases} == {"widgets-1.0.0": None, "gone-1.0.0": False}
