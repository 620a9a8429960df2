"""Shell functions that add repository, branch and, if the agent hands none to its commands, a session id.

They set variables only for the agent, because other programs read the same ones. They remove credentials and logins
from the remote's URL. They leave out a branch whose name needs encoding, because not all agents decode it.
"""

import shlex
from collections.abc import Mapping

from service.agent_config.settings import Form, Part, Target, as_exports, fish_quoted, resource_attributes

PROFILE = "the shell's profile"
FISH_FUNCTIONS = "~/.config/fish/functions"

FUNCTION = """\
# Starts {command} with the current repository and branch.
{command}() {{
  (
    links={attributes}
    repository=$(git remote get-url origin 2>/dev/null | sed -E 's#^([a-z+]+://)[^/]*@#\\1#; s#^[^/:@]+@#git@#')
    branch=$(git branch --show-current 2>/dev/null)
    case $repository in ''|*[!A-Za-z0-9._~:/@+-]*) ;; *) links=$links,vcs.repository.url.full=$repository ;; esac
    case $branch in ''|*[!A-Za-z0-9._/+-]*) ;; *) links=$links,vcs.ref.head.name=$branch ;; esac
{session}    export OTEL_RESOURCE_ATTRIBUTES="$links"
{exports}    command {command} "$@"
  )
}}
"""
SESSION = """\
    SHIPLEDGER_SESSION_ID=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen)
    export SHIPLEDGER_SESSION_ID SHIPLEDGER_SESSION_AGENT={agent}
    links=$links,session.id=$SHIPLEDGER_SESSION_ID
"""
FISH_FUNCTION = """\
# Starts {command} with the current repository and branch.
function {command}
    set -l links {attributes}
    set -l repository (git remote get-url origin 2>/dev/null | sed -E 's#^([a-z+]+://)[^/]*@#\\1#; s#^[^/:@]+@#git@#')
    set -l branch (git branch --show-current 2>/dev/null)
    string match -qr '^[A-Za-z0-9._~:/@+-]+$' -- "$repository"
    and set links $links,vcs.repository.url.full=$repository
    string match -qr '^[A-Za-z0-9._/+-]+$' -- "$branch"
    and set links $links,vcs.ref.head.name=$branch
{session}    set -lx OTEL_RESOURCE_ATTRIBUTES $links
{exports}    command {command} $argv
end
"""
FISH_SESSION = """\
    set -lx SHIPLEDGER_SESSION_ID (cat /proc/sys/kernel/random/uuid 2>/dev/null; or uuidgen)
    set -lx SHIPLEDGER_SESSION_AGENT {agent}
    set links $links,session.id=$SHIPLEDGER_SESSION_ID
"""


def shell_parts(
    command: str, target: Target, variables: Mapping[str, str] | None = None, *, session_of: str | None = None
) -> tuple[Part, Part]:
    """Return the function for POSIX shells and for fish; `session_of` names an agent that needs a session id made."""
    return (
        Part(Form.ENVIRONMENT, PROFILE, linking_function(command, target, variables, session_of=session_of)),
        Part(
            Form.FISH,
            f"{FISH_FUNCTIONS}/{command}.fish",
            fish_function(command, target, variables, session_of=session_of),
        ),
    )


def linking_function(
    command: str, target: Target, variables: Mapping[str, str] | None = None, *, session_of: str | None = None
) -> str:
    """Return a POSIX shell function that runs a command with team, repository, branch and variables."""
    exports = "".join(f"    {line}\n" for line in as_exports(variables or {}).splitlines())
    session = SESSION.format(agent=session_of) if session_of else ""
    attributes = shlex.quote(resource_attributes(target))
    return FUNCTION.format(command=command, attributes=attributes, exports=exports, session=session)


def fish_function(
    command: str, target: Target, variables: Mapping[str, str] | None = None, *, session_of: str | None = None
) -> str:
    """Return the same function for fish."""
    exports = "".join(f"    set -lx {name} {fish_quoted(value)}\n" for name, value in (variables or {}).items())
    session = FISH_SESSION.format(agent=session_of) if session_of else ""
    attributes = fish_quoted(resource_attributes(target))
    return FISH_FUNCTION.format(command=command, attributes=attributes, exports=exports, session=session)
