"""The limit of every grant: nobody gives or takes a role above their own, on a page or with an API key. Pure."""

from collections.abc import Iterable
from typing import Final

from service.auth.key_text import Scope
from service.auth.roles import Role
from service.errors import ForbiddenError

# The scope intake sends and sees nothing, which needs no role.
ROLES_OF_SCOPES: Final = {
    Scope.READ: Role.VIEWER,
    Scope.AUDIT: Role.AUDITOR,
    Scope.ADMIN: Role.ADMIN,
    Scope.OWNER: Role.OWNER,
}


def role_of(scopes: Iterable[str]) -> Role | None:
    """Return the highest role that a key with these scopes acts in; None if it only sends."""
    held = {ROLES_OF_SCOPES[Scope(scope)] for scope in scopes if Scope(scope) in ROLES_OF_SCOPES}
    return next((role for role in reversed(Role) if role in held), None)


def require_grant(held: Role | None, role: str | None, field: str | None = None) -> None:
    """Raise ForbiddenError if somebody who holds a role gives or takes one above it; None is nobody's role."""
    if role is not None and (held is None or not held.includes(Role(role))):
        holder = f"the role {held}" if held else "a key that only sends"
        raise ForbiddenError(f"{holder} cannot give or take the role {role}; ask an {role}", field=field)
