"""Why a hook could not be made, in words that say what to do. Pure."""

from schema.hooks import HookScope
from workers.forges.errors import ForgeError, PrivateAddressError, RefusedError
from workers.forges.gitlab.hooks import NoSuchTargetError

UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 401, 403, 404

_ROLES = {
    HookScope.GROUP: "an owner of the group",
    HookScope.PROJECT: "a maintainer of the project",
    HookScope.SYSTEM: "an administrator",
}

NO_GITLAB = "no GitLab answers there; check base_url"
AWAY = "GitLab does not answer; check base_url, and that workers reach it"
TOKEN_REFUSED = "GitLab does not take the token; make a new one with the scope api, and register again"  # noqa: S105 - words
NO_TOKEN = "the connection has no token; register again with one"  # noqa: S105 - words
HOOK_REFUSED = "GitLab refused the hook: its address may not be allowed there, or there are too many hooks"


def reason(error: ForgeError, scope: HookScope) -> str:
    """One sentence."""
    match error:
        case RefusedError():
            return _refused(error.status, scope)
        case NoSuchTargetError():
            return f"there is no {scope.value} of this path that the token reaches"
        case PrivateAddressError():
            return str(error)
        case _:
            return NO_GITLAB


def _refused(status: int, scope: HookScope) -> str:
    if status == UNAUTHORIZED:
        return TOKEN_REFUSED
    if status == NOT_FOUND and scope is HookScope.GROUP:
        return "hooks of groups need GitLab Premium and a token of an owner; register the projects one by one"
    if status in {FORBIDDEN, NOT_FOUND}:
        return f"the token may not manage hooks there; it needs the scope api, and the rights of {_ROLES[scope]}"
    return HOOK_REFUSED
