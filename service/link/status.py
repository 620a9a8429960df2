"""What the link does on this machine: which hooks git runs here, what waits, and what went wrong."""

import json
import os
from pathlib import Path
from shutil import which
from typing import Any

from service.link.installation import EVENTS, IF_PRESENT, Layout, ask_git, git_version, is_hook
from service.link.one_file import one_file
from service.link.places import settings, state_folders
from service.link.waiting import read_notes, waiting

SESSION_VARIABLES = {
    "claude-code": ("CLAUDE_CODE_SESSION_ID",),
    "codex": ("CODEX_THREAD_ID", "CODEX_SESSION_ID"),
    "copilot": ("COPILOT_AGENT_SESSION_ID",),
    "others": ("SHIPLEDGER_SESSION_ID",),
}


def status_of(place: Layout, folder: Path) -> dict[str, Any]:
    """Return the state of the link, and of the repository around `folder` if there is one."""
    service = settings()
    state = state_folders()[0]
    notes = read_notes(state)
    arriving = state / "incoming"
    return {
        "git": ".".join(map(str, git_version())),
        "python": which("python3"),
        "program": str(place.program) if place.program.is_file() else None,
        "is_current": place.program.is_file() and place.program.read_text() == one_file(),
        "runs_by": _mechanism(place, "--global"),
        "url": service["url"] or None,
        "has_key": bool(service["key"]),
        "waiting": len(waiting(state)) + (len(list(arriving.iterdir())) if arriving.is_dir() else 0),
        **{name: notes.get(name, 0) for name in ("sent", "dropped", "refused")},
        "last_sent_at": notes.get("last_sent_at"),
        "last_error": notes.get("last_error") or None,
        "session": next((agent for agent, names in SESSION_VARIABLES.items() if any(map(os.environ.get, names))), None),
        "repository": _repository(place, folder),
    }


def advice_on(status: dict[str, Any]) -> list[str]:
    """Return what to do next, most important first; empty if all is well."""
    advice = []
    if status["program"] is None or (status["runs_by"] is None and not (status["repository"] or {}).get("runs")):
        advice.append("The hooks are not installed. Run: shipledger link install")
    elif not status["is_current"]:
        advice.append("The installed file is from another version. Run: shipledger link install")
    if status["python"] is None:
        advice.append("python3 is not on the path, so nothing is sent. Install Python 3.8 or later.")
    if not status["has_key"] or not status["url"]:
        advice.append("The service is not set. Run: shipledger link install --url URL --key KEY")
    if status["last_error"]:
        advice.append(f"The last attempt to send failed ({status['last_error']}).")
    repository = status["repository"]
    if repository and status["program"] and not repository["runs"]:
        advice.append(
            f"This repository has its own core.hooksPath ({repository['hooks_path']}), so the link does not run here. "
            "Run: shipledger link install --repository ."
        )
    advice += [
        f"This repository has a {name} hook, which is not run. Run in it: shipledger link install"
        for name in (repository or {}).get("not_passed_on", [])
    ]
    return advice


def _mechanism(place: Layout, scope: str, folder: Path | None = None) -> str | None:
    """Return how git finds the hooks in a scope: `configuration`, `core.hooksPath`, or None."""
    if ask_git("config", scope, f"hook.shipledger-{EVENTS[0]}.command", folder=folder):
        return "configuration"
    hooks = ask_git("config", scope, "--type=path", "core.hooksPath", folder=folder)
    return "core.hooksPath" if hooks == str(place.hooks) else None


def _repository(place: Layout, folder: Path) -> dict[str, Any] | None:
    root = ask_git("rev-parse", "--show-toplevel", folder=folder)
    if not root:
        return None
    hooks = (Path(root) / ask_git("rev-parse", "--git-path", "hooks", folder=Path(root))).resolve()
    by_configuration = bool(ask_git("config", f"hook.shipledger-{EVENTS[0]}.command", folder=folder))
    common = ask_git("rev-parse", "--git-common-dir", folder=Path(root))
    own = Path(root) / common / "hooks"
    runs_folder = hooks == place.hooks.resolve()
    return {
        "root": root,
        "hooks_path": str(hooks),
        "runs": by_configuration or runs_folder,
        "not_passed_on": [
            name for name in IF_PRESENT if runs_folder and is_hook(own / name) and not (place.hooks / name).exists()
        ],
    }


def as_text(status: dict[str, Any]) -> str:
    """Return the state as lines for a terminal."""
    shown = {
        "hooks": f"run by {status['runs_by']}" if status["runs_by"] else "not installed",
        "file": status["program"] or "missing",
        "service": status["url"] or "not set",
        "records": f"{status['sent']:,} sent, {status['waiting']:,} waiting, {status['dropped']:,} dropped, "
        f"{status['refused']:,} refused",
        "last sent": status["last_sent_at"] or "never",
    }
    if status["repository"]:
        shown["here"] = "runs" if status["repository"]["runs"] else "does not run"
    return "\n".join(f"{name:<10} {value}" for name, value in shown.items())


def as_json(status: dict[str, Any], advice: list[str]) -> str:
    """Return the state as one line of JSON."""
    return json.dumps({**status, "advice": advice})
