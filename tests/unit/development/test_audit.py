"""What an audit of the locked packages says, and that it never takes silence for safety."""

from typing import Any

import pytest
from click.testing import CliRunner

from development import audit
from development.audit import Audit, main, read_report

KNOWN = {"name": "a", "version": "1", "vulns": []}
VULNERABLE = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1", "3"], "aliases": []}]}
UNFIXED = {"name": "c", "version": "3", "vulns": [{"id": "GHSA-2", "fix_versions": [], "aliases": []}]}
UNKNOWN = {"name": "d", "skip_reason": "Dependency not found"}


def report(*packages: dict[str, Any]) -> dict[str, Any]:
    return {"dependencies": list(packages), "fixes": []}


def test_vulnerable_packages_are_named_with_the_version_that_mends_them() -> None:
    found = read_report(report(KNOWN, VULNERABLE, UNFIXED))
    assert found == Audit(3, 0, ["b 2: PYSEC-1, fixed in 2.1, 3", "c 3: GHSA-2, fixed in no version"])


def test_packages_that_a_service_does_not_know_are_not_audited() -> None:
    assert read_report(report(UNKNOWN, UNKNOWN)) == Audit(0, 2, [])


@pytest.mark.parametrize(
    ("answers", "arguments", "code", "says"),
    [
        (Audit(2, 0, []), [], 0, "2 packages audited, 0 unknown, 0 vulnerable"),
        (Audit(2, 0, ["b 2: PYSEC-1, fixed in 3"]), [], 1, "b 2: PYSEC-1"),
        (None, [], 0, "NOT AUDITED"),
        (None, ["--require"], 1, "NOT AUDITED"),
    ],
)
def test_no_answer_is_said_loudly_and_fails_where_an_audit_is_required(
    monkeypatch: pytest.MonkeyPatch, answers: Audit | None, arguments: list[str], code: int, says: str
) -> None:
    monkeypatch.setattr(audit, "ask", lambda _service, _lock: answers)
    finished = CliRunner().invoke(main, arguments)
    assert finished.exit_code == code
    assert says in finished.output
