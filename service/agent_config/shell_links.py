"""Links for agents that tell neither repository nor branch: a shell function that tells them when the agent starts.

What it sets is set for that agent alone: other programs read the same variables. Credentials and logins within a
remote's address are cut off before the agent sees it. A branch whose name would need an encoding is left out, for
agents differ in whether they undo it.
"""

import shlex
from collections.abc import Mapping

from service.agent_config.settings import Target, as_exports, resource_attributes

FUNCTION = """\
# Starts {command} with the repository and the branch at hand.
{command}() {{
  (
    links={attributes}
    repository=$(git remote get-url origin 2>/dev/null | sed -E 's#^([a-z+]+://)[^/]*@#\\1#; s#^[^/:@]+@#git@#')
    branch=$(git branch --show-current 2>/dev/null)
    case $repository in ''|*[!A-Za-z0-9._~:/@+-]*) ;; *) links=$links,vcs.repository.url.full=$repository ;; esac
    case $branch in ''|*[!A-Za-z0-9._/+-]*) ;; *) links=$links,vcs.ref.head.name=$branch ;; esac
    export OTEL_RESOURCE_ATTRIBUTES="$links"
{exports}    command {command} "$@"
  )
}}
"""


def linking_function(command: str, target: Target, variables: Mapping[str, str] | None = None) -> str:
    """A function for bash, zsh and other POSIX shells: a command with its team, repository, branch and variables."""
    exports = "".join(f"    {line}\n" for line in as_exports(variables or {}).splitlines())
    return FUNCTION.format(command=command, attributes=shlex.quote(resource_attributes(target)), exports=exports)
