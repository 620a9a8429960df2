"""A shell function that adds repository and branch for agents that do not report them.

It sets variables only for the agent, because other programs read the same ones. It removes credentials and logins from
the remote's URL. It leaves out a branch whose name needs encoding, because not all agents decode it.
"""

import shlex
from collections.abc import Mapping

from service.agent_config.settings import Target, as_exports, resource_attributes

FUNCTION = """\
# Starts {command} with the current repository and branch.
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
    """Return a POSIX shell function that runs a command with team, repository, branch and variables."""
    exports = "".join(f"    {line}\n" for line in as_exports(variables or {}).splitlines())
    return FUNCTION.format(command=command, attributes=shlex.quote(resource_attributes(target)), exports=exports)
