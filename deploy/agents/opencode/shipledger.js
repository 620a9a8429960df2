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
    if (input.tool !== "bash" || !/\b(git|gh|glab)\b/.test(command ?? "")) return
    const cwd = input.args.workdir ?? directory
    say("tool", { session_id: input.sessionID, cwd, tool_input: { command }, tool_response: output.output })
  },
  event: async ({ event }) => {
    const session_id = event.properties?.sessionID ?? event.properties?.info?.id
    if (event.type === "session.created") say("start", { session_id, cwd: directory })
    if (event.type === "session.idle") say("stop", { session_id, cwd: directory })
  },
})
