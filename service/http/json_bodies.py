"""JSON bodies of requests. Large ones are read in steps beside the event loop, organizations in turn.

Reading 16 MB at once takes the interpreter for up to a second, and every other request would wait for it.
"""

import re
from collections.abc import Generator, Iterable
from functools import lru_cache
from typing import Any, NamedTuple, get_args, get_type_hints

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import InternalServerException, SerializationException, ValidationException
from litestar.serialization import decode_json

from schema.errors import BadInputError
from service.errors import TooLargeError
from service.http.fair_thread import FairThread

# A larger body is read in the thread.
LARGE_BODY = 256 * 1024
# Values, lists and objects of one body. The largest real one, 10,000 token events with every field, has 400,000.
VALUES = 1_000_000
ITEMS = "items"
# Items that are read in one step.
PART = 100

NOT_UTF_8 = "the text is not UTF-8"
# Where an error of msgspec is, such as ` - at `$.tokens.input_uncached``.
_PLACE = re.compile(r"`\$(?P<path>[^`]+)`$")


class Bulk(NamedTuple):
    """The contract of the items of a bulk, and the largest number of items; None for any."""

    item: Any
    most: int | None


class JsonRequest(Request[Any, Any, State]):
    """A request whose JSON is read without delaying others."""

    async def body(self) -> bytes:
        """Return the raw body; raises BadInputError if the client disconnects before the end."""
        try:
            return await super().body()
        except InternalServerException as error:
            raise BadInputError("the request ended before its body was complete") from error

    async def json(self) -> Any:
        """Return the body as plain values, where the items of a large bulk are checked and converted already.

        Raises SerializationException if it is not JSON, ValidationException for an invalid item of a large bulk, and
        TooLargeError if it has too many values.
        """
        body = await self.body()
        if len(body) <= LARGE_BODY:
            try:
                return await super().json()
            except UnicodeDecodeError as error:
                raise SerializationException(NOT_UTF_8) from error
        thread: FairThread = self.app.state.fair_thread
        data = self.route_handler.parsed_fn_signature.parameters.get("data")
        caller = self.scope.get("auth")
        organization_id = caller.organization_id if caller is not None else 0
        return await thread.run(organization_id, read_steps(body, data.annotation if data is not None else None))


def read_steps(body: bytes, contract: Any) -> Generator[None, None, Any]:
    """Read a body step by step; see `JsonRequest.json`."""
    limit_values(body)
    yield
    bulk = bulk_of(contract)
    if bulk is None:
        return _plain(body)
    parts = _decode(body, dict[str, msgspec.Raw], "data", "Expected `object`")
    yield
    found = parts.pop(ITEMS, None)
    whole = {name: _plain(bytes(raw)) for name, raw in parts.items()}
    if found is None:
        return whole
    yield
    raws = _decode(found, list[msgspec.Raw], ITEMS, "Expected `array`")
    if bulk.most is not None and len(raws) > bulk.most:
        raise _invalid(ITEMS, f"Expected `array` of length <= {bulk.most}")
    yield
    items: list[Any] = []
    for begin in range(0, len(raws), PART):
        items += _read_items(begin, raws[begin : begin + PART], bulk.item)
        yield
    return {**whole, ITEMS: items}


def limit_values(body: bytes) -> None:
    """Raise TooLargeError if a body has too many values, which take much more memory than their text."""
    if body.count(b",") + body.count(b"[") + body.count(b"{") > VALUES:
        raise TooLargeError(f"the body has more than {VALUES} values; send smaller batches")


@lru_cache(maxsize=1000)
def bulk_of(contract: Any) -> Bulk | None:
    """Return what a bulk holds; None for any other contract."""
    if not (isinstance(contract, type) and issubclass(contract, msgspec.Struct)):
        return None
    listed = get_type_hints(contract).get(ITEMS)
    (item, *others) = get_args(listed) or (None,)
    if item is None or others:
        return None
    described = msgspec.inspect.type_info(contract)
    assert isinstance(described, msgspec.inspect.StructType), "a struct has fields"
    kind = next(field.type for field in described.fields if field.name == ITEMS)
    return Bulk(item, kind.max_length if isinstance(kind, msgspec.inspect.ListType) else None)


def _read_items(begin: int, raws: Iterable[msgspec.Raw], contract: Any) -> list[Any]:
    items = []
    for place, raw in enumerate(raws, begin):
        value = _plain(bytes(raw))
        try:
            # As Litestar does it for the whole body.
            items.append(msgspec.convert(value, contract, strict=False, str_keys=True))
        except msgspec.ValidationError as error:
            found = _PLACE.search(str(error))
            message = str(error).partition(" - ")[0]
            raise _invalid(f"{ITEMS}[{place}]{found['path'] if found else ''}", message) from error
    return items


def _plain(body: bytes) -> Any:
    try:
        return decode_json(body)
    except UnicodeDecodeError as error:
        raise SerializationException(NOT_UTF_8) from error


def _decode(body: bytes | msgspec.Raw, kind: Any, key: str, otherwise: str) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError:
        raise _invalid(key, otherwise) from None
    except msgspec.DecodeError as error:
        raise SerializationException(str(error)) from error


def _invalid(key: str, message: str) -> ValidationException:
    return ValidationException(extra=[{"key": key, "message": message, "source": "body"}])
