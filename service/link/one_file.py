"""The link as one file that runs anywhere: a shell script in its first part, a Python program as a whole.

`python -m service.link.one_file` writes it into the plugin, from where fleets take it too.
"""

import ast
from importlib.resources import files
from pathlib import Path

HOOK = "hook.sh"
# In the order in which they need each other.
MODULES = ("places.py", "git_facts.py", "waiting.py", "agent_events.py", "sending.py")
HEAD = '#!/bin/sh\n""":"\n'
PLUGIN = Path(__file__).parents[2] / "deploy/agents/claude-code/shipledger-link"
FUTURE = '"""\n\nfrom __future__ import annotations\n'


def one_file() -> str:
    """Return the text of the file: the hook, which a shell runs and Python reads as a docstring, then the modules."""
    folder = files(__package__)
    modules = "".join(_body((folder / name).read_text()) for name in MODULES)
    return HEAD + (folder / HOOK).read_text() + FUTURE + modules


def _body(source: str) -> str:
    """Return a module without its docstring and without imports of modules that stand in the same file."""
    lines: list[str | None] = [*source.splitlines(keepends=True)]
    for node in ast.parse(source).body:
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_own = isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("__future__", "service."))
        if is_docstring or is_own:
            lines[node.lineno - 1 : node.end_lineno] = [None] * ((node.end_lineno or node.lineno) - node.lineno + 1)
    text = "".join(line for line in lines if line is not None)
    return "\n" + text.strip("\n") + "\n\n"


if __name__ == "__main__":
    PLUGIN.write_text(one_file())
    PLUGIN.chmod(0o755)
