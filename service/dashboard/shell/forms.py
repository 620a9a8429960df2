"""Forms of pages: what was filled in, read into the contracts of the API."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from schema.errors import BadInputError
from service.auth.page_guard import CSRF_FIELD
from service.dashboard.shell.opening import PageRequest

Contract = TypeVar("Contract", bound=msgspec.Struct)
_FIELD = re.compile(r" - at `\$\.?([a-z_]*).*`$")
_NAMED = re.compile(r"^Object (?P<what>missing required|contains unknown) field `(?P<name>[^`]*)`")


async def read_form(request: PageRequest, contract: type[Contract]) -> Contract:
    """Return a form's fields as a contract; empty ones are left out. Raises BadInputError that names the field."""
    return convert_fields(await read_fields(request), contract)


async def read_fields(request: PageRequest, several: Sequence[str] = ()) -> dict[str, Any]:
    """Return the fields that were filled in; those of `several` are lists."""
    form = await request.form()
    values: dict[str, Any] = {}
    for name in form:
        given = [each.strip() for each in form.getall(name) if isinstance(each, str) and each.strip()]
        if given and name != CSRF_FIELD:
            values[name] = given if name in several else given[-1]
    return values


def convert_fields(fields: Mapping[str, Any], contract: type[Contract]) -> Contract:
    """Convert texts to the types of a contract. Errors name the field, and never repeat what was sent."""
    try:
        return msgspec.convert(fields, contract, strict=False)
    except msgspec.ValidationError as error:
        text = str(error)
        if named := _NAMED.match(text):
            is_missing = named["what"].startswith("missing")
            detail = "must be filled in" if is_missing else "is not a field of this form"
            raise BadInputError(detail, field=named["name"]) from None
        found = _FIELD.search(text)
        detail = "is not one of the choices" if text.startswith("Invalid enum value") else _FIELD.sub("", text)
        raise BadInputError(detail, field=found[1] or None if found else None) from None
