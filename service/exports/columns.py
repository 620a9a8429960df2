"""Columns of a list's items: nested structs become dotted names, lists and mappings become JSON text."""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple

import msgspec
from msgspec.inspect import Metadata, StructType, Type, UnionType, type_info

from service.contracts.amounts import USD_PATTERN


class Kind(Enum):
    """The type of a column."""

    TEXT = "text"
    COUNT = "count"
    NUMBER = "number"
    FLAG = "flag"
    DAY = "day"
    INSTANT = "instant"
    MONEY = "money"


class Column(NamedTuple):
    """A column's dotted name, the keys that lead to its value, and its type."""

    name: str
    keys: tuple[str, ...]
    kind: Kind


_KINDS: Mapping[type[Type], Kind] = {
    msgspec.inspect.IntType: Kind.COUNT,
    msgspec.inspect.FloatType: Kind.NUMBER,
    msgspec.inspect.BoolType: Kind.FLAG,
    msgspec.inspect.DateType: Kind.DAY,
    msgspec.inspect.DateTimeType: Kind.INSTANT,
}


def columns_of(item: type[msgspec.Struct]) -> tuple[Column, ...]:
    """Return the columns of a list whose items have this type, in the order of its fields."""
    return tuple(_columns(type_info(item), ()))


def values_of(item: Mapping[str, Any], columns: tuple[Column, ...]) -> tuple[Any, ...]:
    """Return an item's values in the order of its columns; None for what it lacks."""
    return tuple(_value(item, column.keys) for column in columns)


def _columns(shape: Type, keys: tuple[str, ...]) -> Iterator[Column]:
    shape = _without_null(shape)
    if isinstance(shape, StructType):
        for field in shape.fields:
            yield from _columns(field.type, (*keys, field.encode_name))
    else:
        yield Column(".".join(keys), keys, _kind(shape))


def _without_null(shape: Type) -> Type:
    """Return the only type beside null, if there is one."""
    if isinstance(shape, Metadata):
        return _without_null(shape.type)
    if isinstance(shape, UnionType):
        rest = [each for each in shape.types if not isinstance(each, msgspec.inspect.NoneType)]
        return _without_null(rest[0]) if len(rest) == 1 else shape
    return shape


def _kind(shape: Type) -> Kind:
    if isinstance(shape, msgspec.inspect.StrType) and shape.pattern == USD_PATTERN:
        return Kind.MONEY
    return _KINDS.get(type(shape), Kind.TEXT)


def _value(item: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        if item is None:
            return None
        item = item.get(key)
    return msgspec.json.encode(item).decode() if isinstance(item, (dict, list)) else item
