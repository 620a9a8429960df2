"""The link as one file: a shell script and a Python program at once, for Python 3.8 and later."""

import ast
import subprocess
import sys
import warnings
from collections import Counter
from pathlib import Path

import pytest

from service.link import one_file as module
from service.link.one_file import one_file
from tests.harness.interpreters import find_interpreter

ROOT = Path(__file__).parents[4]
COPY = ROOT / "deploy/agents/claude-code/shipledger-link"


def test_the_copy_for_fleets_and_plugins_is_current() -> None:
    assert COPY.read_text() == one_file(), "write it with: python -m service.link.one_file"
    assert COPY.stat().st_mode & 0o111


def test_it_is_a_shell_script() -> None:
    hook = ROOT / "service/link" / module.HOOK

    assert one_file().startswith("#!/bin/sh\n")
    assert '"""' not in hook.read_text()
    assert subprocess.run(["sh", "-n", str(hook)], check=False, capture_output=True).stderr == b""


def test_it_is_a_python_program_of_3_8_without_warnings() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ast.parse(one_file(), feature_version=(3, 8))


def test_it_needs_nothing_but_the_standard_library() -> None:
    imported = set()
    for node in ast.walk(ast.parse(one_file())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).split(".")[0])
    assert imported - set(sys.stdlib_module_names) == set()


def test_no_module_hides_a_name_of_another() -> None:
    names = Counter(
        node.name
        for file in module.MODULES
        for node in ast.parse((ROOT / "service/link" / file).read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ) + Counter(
        target.id
        for file in module.MODULES
        for node in ast.parse((ROOT / "service/link" / file).read_text()).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    )
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("version", ["3.8", "3.11", "3.13"])
def test_every_python_from_3_8_on_understands_it(tmp_path: Path, version: str) -> None:
    if (python := find_interpreter(version)) is None:
        pytest.skip(f"no Python {version} on this machine")
    file = tmp_path / "shipledger-link"
    file.write_text(one_file())
    script = f"import runpy; runpy.run_path({str(file)!r})"
    done = subprocess.run([python, "-W", "error", "-IS", "-c", script], check=False, capture_output=True, text=True)

    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
