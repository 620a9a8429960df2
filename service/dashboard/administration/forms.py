"""Forms of the page: read one, keep it within the role of who sends it, and say what was done."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
from litestar.response import Redirect

from schema.errors import BadInputError
from service.auth.page_guard import CSRF_FIELD
from service.auth.roles import Role
from service.auth.viewer import Viewer
from service.dashboard.shell.answers import HEADERS
from service.dashboard.shell.opening import PageRequest
from service.errors import ForbiddenError

Contract = TypeVar("Contract")

PLACE: Final = re.compile(r" - at `\$\.?(?P<place>[^`]*)`$")
NAMED: Final = re.compile(r"^Object (?:missing required|contains unknown) field `(?P<name>[^`]*)`")


async def read_form(request: PageRequest, several: Sequence[str] = ()) -> dict[str, Any]:
    """Return the fields that were filled in; those of `several` are lists."""
    form = await request.form()
    values: dict[str, Any] = {}
    for name in form:
        if name == CSRF_FIELD:
            continue
        given = [each.strip() for each in form.getall(name) if isinstance(each, str) and each.strip()]
        if given:
            values[name] = given if name in several else given[-1]
    return values


def as_contract(values: Mapping[str, Any], contract: type[Contract]) -> Contract:
    """Return a form as a contract of the API; raises BadInputError that names the field, never what was sent."""
    try:
        return msgspec.convert(values, contract, strict=False)
    except msgspec.ValidationError as error:
        message = str(error)
        if named := NAMED.match(message):
            is_missing = message.startswith("Object missing")
            raise BadInputError(
                "must be filled in" if is_missing else "is not a field of this form", field=named["name"]
            ) from None
        found = PLACE.search(message)
        text = "is not one of the choices" if message.startswith("Invalid enum") else PLACE.sub("", message)
        raise BadInputError(text[:1].lower() + text[1:], field=found["place"] if found else "form") from None


def require_grant(viewer: Viewer, role: str | None) -> None:
    """Raise ForbiddenError if a viewer gives or takes a role above their own."""
    if role is not None and not viewer.may(Role(role)):
        raise ForbiddenError(f"your role is {viewer.role}, so you cannot give or take the role {role}; ask an {role}")


def done(what: str, section: str) -> Redirect:
    """Return to the page, which says what was done."""
    return Redirect(f"/administration?done={what}#{section}", status_code=303, headers=HEADERS)
