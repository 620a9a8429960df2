"""Query parameters: a request that the handler's signature does not explain is refused with what it allows.

Litestar ignores unknown query parameters, and takes one of several values. An answer to another question is worse than
none, so both are errors here, for all documented routes but those of senders (telemetry and webhooks).
"""

from collections import Counter
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin

from litestar import Request
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import ParameterKwarg, QueryParameter
from litestar.typing import FieldDefinition

from schema.errors import BadInputError

# Their senders may add parameters of their own.
SENDERS = ("/v1/", "/webhooks/")
LONGEST_NAME = 100
# More handlers than any application has.
KNOWN_HANDLERS = 1_000

Fields = MappingProxyType[str, FieldDefinition]


def refuse_unknown_parameters(request: Request[Any, Any, State], also: Sequence[str] = ()) -> None:
    """Raise BadInputError for a query parameter that is unknown, empty or repeated; `also` names further known ones."""
    handler = request.scope["route_handler"]
    if not isinstance(handler, HTTPRouteHandler) or (fields := _checked_fields(handler)) is None:
        return
    given = list(request.query_params.items())
    names = {name for name, value in given if value}
    # Nearly every request ends here: each parameter has a value, is given once and is known.
    if len(names) == len(given) and names <= fields.keys() | {*also}:
        return
    for name, value in given:
        if name not in fields and name not in also:
            known = (*fields, *also)
            raise BadInputError(_unknown(request.method, request.scope["path"], known), field=name[:LONGEST_NAME])
        if value == "":
            raise BadInputError("must not be empty; enter a value or leave it out", field=name)
    for name, times in Counter(name for name, _ in given).items():
        if times > 1:
            raise BadInputError("must be given only once", field=name)


def allowed_values(request: Request[Any, Any, State], name: str) -> str | None:
    """Return a sentence with the values that a query or path parameter allows; None without a finite description."""
    handler = request.scope.get("route_handler")
    if not isinstance(handler, HTTPRouteHandler):
        return None
    field = query_fields(handler).get(name) or handler.parsed_fn_signature.parameters.get(name)
    if field is None:
        return None
    if choices := _choices(field):
        return f"must be one of {', '.join(choices)}"
    if field.annotation is bool:
        return "must be true or false"
    if any(each is int for each in (field.annotation, *get_args(field.annotation))):
        return _whole_number(field.kwarg_definition)
    return None


@lru_cache(KNOWN_HANDLERS)
def query_fields(handler: HTTPRouteHandler) -> Fields:
    """Return the query parameters of a handler, by the names that callers use."""
    fields = handler.parsed_fn_signature.parameters
    return MappingProxyType(
        {
            field.kwarg_definition.name or name: field
            for name, field in fields.items()
            if isinstance(field.kwarg_definition, QueryParameter)
        }
    )


@lru_cache(KNOWN_HANDLERS)
def _checked_fields(handler: HTTPRouteHandler) -> Fields | None:
    """Return the query parameters of a handler; None if its route takes any."""
    is_sender = any(path.startswith(SENDERS) for path in handler.paths)
    return query_fields(handler) if handler.resolve_include_in_schema() and not is_sender else None


def _unknown(method: str, path: str, known: Sequence[str]) -> str:
    remedy = f"use {', '.join(known)}" if known else "it has none"
    return f"is not a parameter of {method} {path}; {remedy}"


def _choices(field: FieldDefinition) -> Sequence[str]:
    for kind in (field.annotation, *get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, Enum):
            return [str(member.value) for member in kind]
        if get_origin(kind) is Literal:
            return [str(value) for value in get_args(kind)]
    return [str(value) for value in get_args(field.annotation)] if get_origin(field.annotation) is Literal else []


def _whole_number(limits: Any) -> str:
    if not isinstance(limits, ParameterKwarg) or limits.ge is None:
        return "must be a whole number"
    if limits.le is None:
        return f"must be a whole number of at least {limits.ge:g}"
    return f"must be a whole number from {limits.ge:g} to {limits.le:g}"
