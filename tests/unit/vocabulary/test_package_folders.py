"""In which folder a package lies, and what changes it."""

import pytest

from vocabulary.package_folders import changes_package, package_folder

FOLDERS = ("packages/errors", "packages/babel-core", "packages/cli", "tools/cli", "go/deep/pkg", "examples/app/errors")


@pytest.mark.parametrize(
    ("package", "folder"),
    [
        ("errors", "packages/errors"),
        ("@scope/errors", "packages/errors"),
        ("@babel/core", "packages/babel-core"),
        ("go/deep/pkg", "go/deep/pkg"),
        ("deep/pkg", "go/deep/pkg"),
        ("cli", None),
        ("other", None),
        ("rors", None),
    ],
)
def test_the_highest_folder_of_its_name_is_the_package(package: str, folder: str | None) -> None:
    assert package_folder(package, FOLDERS) == folder


def test_what_a_manifest_says_counts_first() -> None:
    names = {"packages/cli": "@scope/CLI", "tools/cli": "tool", "packages/x": "errors"}
    assert package_folder("@scope/cli", names, names) == "packages/cli"
    assert package_folder("errors", (*FOLDERS, *names), names) == "packages/x"


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["packages/errors/src/index.ts"], True),
        (["packages/errors/package.json"], True),
        (["packages/errors-extra/index.ts", "README.md"], False),
        (["packages/errors/CHANGELOG.md"], False),
        (["packages/errors/CHANGELOG.md", "packages/errors/package.json"], False),
        (["packages/errors/CHANGELOG.md", "packages/errors/index.ts"], True),
        ([], False),
    ],
)
def test_a_changelog_and_the_version_beside_it_change_nothing(paths: list[str], expected: bool) -> None:
    assert changes_package(["packages/errors"], paths) is expected
