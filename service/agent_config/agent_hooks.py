"""Hooks of the agents themselves: they say where a session starts, works and stops, and which pull request it created.

Sources: https://code.claude.com/docs/en/hooks, https://developers.openai.com/codex/hooks,
https://geminicli.com/docs/hooks/reference, https://docs.github.com/en/copilot/reference/hooks-reference,
https://qwenlm.github.io/qwen-code-docs/en/users/hooks, https://cursor.com/docs/agent/hooks. Each runs the file that
`shipledger link install` puts there, if it is there.
"""

from typing import Any

from service.agent_config.settings import as_json

PROGRAM = "~/.local/share/shipledger/link/shipledger-link"
SECONDS = 5
GIT_HOOKS = "git hooks of shipledger link install (commits, branches, pushes)"
# The kinds of `shipledger-link agent NAME KIND`.
START, TOOL, STOP = "start", "tool", "stop"

OPENCODE_PLUGIN = """\
// Shipledger: gives git the id of the session, and reports pull requests that the agent creates.
// Only session, folder, command and output of git, gh and glab reach the program, which reads by allow-list.
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"

const program = join(homedir(), ".local/share/shipledger/link/shipledger-link")

function say(kind, body) {
  if (!body.session_id || !existsSync(program)) return
  const child = spawn(program, ["agent", "opencode", kind], { stdio: ["pipe", "ignore", "ignore"], detached: true })
  child.on("error", () => {})
  child.stdin.on("error", () => {})
  child.stdin.end(JSON.stringify(body))
  child.unref()
}

export const ShipledgerLink = async ({ directory }) => ({
  "shell.env": async (input, output) => {
    if (!input.sessionID) return
    output.env.SHIPLEDGER_SESSION_ID = input.sessionID
    output.env.SHIPLEDGER_SESSION_AGENT = "opencode"
  },
  "tool.execute.after": async (input, output) => {
    const command = input.args?.command
    if (input.tool !== "bash" || !/\\b(git|gh|glab)\\b/.test(command ?? "")) return
    const cwd = input.args.workdir ?? directory
    say("tool", { session_id: input.sessionID, cwd, tool_input: { command }, tool_response: output.output })
  },
  event: async ({ event }) => {
    const session_id = event.properties?.sessionID ?? event.properties?.info?.id
    if (event.type === "session.created") say("start", { session_id, cwd: directory })
    if (event.type === "session.idle") say("stop", { session_id, cwd: directory })
  },
})
"""


def command(agent: str, kind: str) -> str:
    """Return what an agent runs: nothing where the program is not installed."""
    return f"test ! -x {PROGRAM} || {PROGRAM} agent {agent} {kind}"


def claude_code(program: str | None = None) -> dict[str, Any]:
    """Return `hooks` of Claude Code's settings, or of a plugin that brings the program itself."""

    def run(kind: str) -> dict[str, Any]:
        line = f"{program} agent claude-code {kind}" if program else command("claude-code", kind)
        return {"type": "command", "command": line, "timeout": SECONDS}

    return {
        "SessionStart": [{"hooks": [run(START)]}],
        "PostToolUse": [{"matcher": "Bash", "hooks": [run(TOOL)]}],
        "Stop": [{"hooks": [run(STOP)]}],
    }


def codex() -> str:
    """Return the tables of Codex's config.toml."""
    return "\n".join(
        f"""\
[[hooks.{event}]]
{f'matcher = "{matcher}"{chr(10)}' if matcher else ""}
[[hooks.{event}.hooks]]
type = "command"
command = "{command("codex", kind)}"
timeout = {SECONDS}
"""
        for event, matcher, kind in (("SessionStart", "", START), ("PostToolUse", "^Bash$", TOOL), ("Stop", "", STOP))
    )


def qwen() -> dict[str, Any]:
    """Return `hooks` of Qwen Code's settings.json; its timeouts are milliseconds."""

    def run(kind: str) -> dict[str, Any]:
        line = command("qwen-code", kind)
        return {"name": f"shipledger-{kind}", "type": "command", "command": line, "timeout": SECONDS * 1000}

    return {
        "SessionStart": [{"hooks": [run(START)]}],
        "PostToolUse": [{"matcher": "run_shell_command", "hooks": [run(TOOL)]}],
        "Stop": [{"hooks": [run(STOP)]}],
    }


def gemini() -> dict[str, Any]:
    """Return `hooks` of Gemini CLI's settings.json; its timeouts are milliseconds."""

    def run(kind: str) -> dict[str, Any]:
        line = command("gemini-cli", kind)
        return {"name": f"shipledger-{kind}", "type": "command", "command": line, "timeout": SECONDS * 1000}

    return {
        "SessionStart": [{"hooks": [run(START)]}],
        "AfterTool": [{"matcher": "run_shell_command", "hooks": [run(TOOL)]}],
        "AfterAgent": [{"hooks": [run(STOP)]}],
    }


def copilot() -> dict[str, Any]:
    """Return `~/.copilot/hooks/shipledger.json`."""

    def run(kind: str) -> list[dict[str, Any]]:
        return [{"type": "command", "bash": command("copilot", kind), "timeoutSec": SECONDS}]

    return {"version": 1, "hooks": {"sessionStart": run(START), "postToolUse": run(TOOL), "agentStop": run(STOP)}}


def cursor() -> dict[str, Any]:
    """Return `~/.cursor/hooks.json`."""

    def run(kind: str) -> list[dict[str, Any]]:
        return [{"command": command("cursor", kind), "timeout": SECONDS}]

    return {
        "version": 1,
        "hooks": {"sessionStart": run(START), "afterShellExecution": run(TOOL), "stop": run(STOP)},
    }


FILES = {
    "codex/config.toml": codex(),
    "gemini-cli/settings.json": as_json({"hooks": gemini()}),
    "qwen-code/settings.json": as_json({"hooks": qwen()}),
    "copilot/shipledger.json": as_json(copilot()),
    "cursor/hooks.json": as_json(cursor()),
    "opencode/shipledger.js": OPENCODE_PLUGIN,
    "claude-code/hooks/hooks.json": as_json({"hooks": claude_code('sh "${CLAUDE_PLUGIN_ROOT}/shipledger-link"')}),
}
