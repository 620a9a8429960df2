"""No dataclass shows a secret in its `repr`, which tracebacks and debuggers print."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {
    *("secret", "token", "api_key", "private_key", "webhook_secret", "client_secret", "password", "sign_in_token"),
    "refresh_token",
}


def fields() -> Iterator[tuple[str, ast.AnnAssign]]:
    """Yield the fields of dataclasses that have the name of a secret and hold text."""
    for package in ("schema", "service", "workers"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef) and any(
                    "dataclass" in ast.unparse(each) for each in node.decorator_list
                ):
                    for each in node.body:
                        if isinstance(each, ast.AnnAssign) and ast.unparse(each.target) in SECRETS:
                            yield f"{path.relative_to(ROOT)}: {node.name}.{ast.unparse(each.target)}", each


def test_secrets_of_dataclasses_are_hidden() -> None:
    found = {
        name: each
        for name, each in fields()
        if {"str", "bytes"} & set(ast.unparse(each.annotation).replace("|", " ").split())
    }
    assert len(found) > 8
    shown = [name for name, each in found.items() if each.value is None or "repr=False" not in ast.unparse(each.value)]
    assert not shown, f"hide them with field(repr=False): {shown}"
