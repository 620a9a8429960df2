"""Forms of pages: what was filled in, read into the contracts of the API."""

import re
from typing import TypeVar

import msgspec

from schema.errors import BadInputError
from service.auth.page_guard import CSRF_FIELD
from service.dashboard.shell.opening import PageRequest

Contract = TypeVar("Contract", bound=msgspec.Struct)
_FIELD = re.compile(r" - at `\$\.?([a-z_]*).*`$")


async def read_form(request: PageRequest, contract: type[Contract]) -> Contract:
    """Return a form's fields as a contract; empty ones are left out. Raises BadInputError that names the field."""
    form = await request.form()
    given = {name: value.strip() for name, value in form.items() if isinstance(value, str) and name != CSRF_FIELD}
    return convert_fields({name: value for name, value in given.items() if value}, contract)


def convert_fields(fields: dict[str, str], contract: type[Contract]) -> Contract:
    """Convert texts to the types of a contract."""
    try:
        return msgspec.convert(fields, contract, strict=False)
    except msgspec.ValidationError as error:
        text = str(error)
        found = _FIELD.search(text)
        raise BadInputError(_FIELD.sub("", text), field=found[1] or None if found else None) from None
