"""Web addresses in requests and options: an error names the field. Pure."""

from collections.abc import Sequence

from schema.errors import BadInputError
from vocabulary.web_addresses import EXAMPLE, SCHEMES, AddressError, WebAddress, read_web_address


def checked_address(
    text: str, field: str, *, schemes: Sequence[str] = SCHEMES, takes_query: bool = False, example: str = EXAMPLE
) -> WebAddress:
    """Return the parts of an address as `read_web_address` does; raises BadInputError that names the field."""
    try:
        return read_web_address(text, schemes=schemes, takes_query=takes_query, example=example)
    except AddressError as error:
        raise BadInputError(str(error), field=field) from None
