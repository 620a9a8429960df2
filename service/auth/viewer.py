"""The person who views a page: organization, role and, if it is limited to one, the team.

A page calls `require_viewer(request, Role.VIEWER)` and reads the figures of `viewer.organization_id`. Each form of a
page has the hidden field `csrf_token` with `viewer.csrf_token`; the guard of all pages checks it.
"""

from dataclasses import dataclass
from typing import Any

from litestar.connection import ASGIConnection

from service.audit.acts import mark_act
from service.auth.roles import Role
from service.auth.views import is_same_view
from service.errors import ForbiddenError, UnauthorizedError


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person.

    `team_id` is set if they may see only one team, `view` (path and query) if they came by a shared link and may see
    only that. `actor` names them in the audit log, never by name.
    """

    organization_id: int
    role: Role
    csrf_token: str
    actor: str
    team_id: int | None = None
    view: str | None = None

    def may(self, role: Role) -> bool:
        """Return whether the viewer may do all that `role` may."""
        return self.role.includes(role)


def signed_in_viewer(connection: ASGIConnection[Any, Any, Any, Any]) -> Viewer | None:
    """Return who is signed in; None without a valid session."""
    viewer = connection.scope.get("user")
    return viewer if isinstance(viewer, Viewer) else None


def require_viewer(
    connection: ASGIConnection[Any, Any, Any, Any], role: Role = Role.VIEWER, *, limits_to_team: bool = False
) -> Viewer:
    """Return who is signed in, and note in the audit log what a POST of an administrator did.

    A page that shows only what belongs to `viewer.team_id` sets `limits_to_team`; other pages refuse such viewers.
    Raises UnauthorizedError without a session, and ForbiddenError if the role, team or shared link does not allow it.
    """
    viewer = signed_in_viewer(connection)
    if viewer is None:
        raise UnauthorizedError("sign in first")
    if not viewer.may(role):
        raise ForbiddenError(f"this page needs the role {role}; you have the role {viewer.role}")
    if viewer.view is not None and not is_same_view(viewer.view, connection.url.path, connection.url.query):
        raise ForbiddenError("the link that you opened shows one view only; ask for a link to this one, or sign in")
    if viewer.team_id is not None and not limits_to_team:
        raise ForbiddenError("this page shows the whole organization, and your role is limited to one team")
    mark_act(connection.scope, viewer.organization_id, viewer.actor)
    return viewer
