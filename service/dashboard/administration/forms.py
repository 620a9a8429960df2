"""Forms of the page: keep one within the role of who sends it, and say what was done."""

from litestar.response import Redirect

from service.auth.roles import Role
from service.auth.viewer import Viewer
from service.dashboard.shell.answers import HEADERS
from service.errors import ForbiddenError


def require_grant(viewer: Viewer, role: str | None) -> None:
    """Raise ForbiddenError if a viewer gives or takes a role above their own."""
    if role is not None and not viewer.may(Role(role)):
        raise ForbiddenError(f"your role is {viewer.role}, so you cannot give or take the role {role}; ask an {role}")


def done(what: str, section: str) -> Redirect:
    """Return to the page, which says what was done."""
    return Redirect(f"/administration?done={what}#{section}", status_code=303, headers=HEADERS)
