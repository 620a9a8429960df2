"""Maps errors of hook registration to failures that are stored and shown. Pure."""

from schema.failures import Failure
from vocabulary.hooks import HookScope
from workers.forge_access.errors import FORBIDDEN, MISSING, UNAUTHORIZED, ForgeError, PrivateAddressError, RefusedError
from workers.forges.gitlab.hooks import NoSuchTargetError

_FORBIDDEN = {
    HookScope.GROUP: Failure.HOOK_FORBIDDEN_GROUP,
    HookScope.PROJECT: Failure.HOOK_FORBIDDEN_PROJECT,
    HookScope.SYSTEM: Failure.HOOK_FORBIDDEN_SYSTEM,
}


def hook_failure(error: ForgeError, scope: HookScope) -> Failure:
    """Return the failure for an error, which depends on the hook's scope."""
    match error:
        case RefusedError():
            return _refused(error.status, scope)
        case NoSuchTargetError():
            return Failure.NO_SUCH_GROUP if scope is HookScope.GROUP else Failure.NO_SUCH_PROJECT
        case PrivateAddressError():
            return error.failure
        case _:
            return Failure.NO_GITLAB


def _refused(status: int, scope: HookScope) -> Failure:
    if status == UNAUTHORIZED:
        return Failure.HOOK_TOKEN_REFUSED
    if status == MISSING and scope is HookScope.GROUP:
        return Failure.GROUP_HOOKS_NOT_OFFERED
    return _FORBIDDEN[scope] if status in {FORBIDDEN, MISSING} else Failure.HOOK_REFUSED
