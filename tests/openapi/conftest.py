"""Says at the end how often each operation was compared."""

from typing import Any

from tests.harness.forges.described import COMPARED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    terminalreporter.section("compared with GitHub's description")
    for operation, number in sorted(COMPARED.items()):
        terminalreporter.write_line(f"{number:6} {operation}")
