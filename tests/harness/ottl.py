"""The part of the OpenTelemetry Transformation Language in deploy/otel-collector, for tests without a collector.

https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/pkg/ottl. Statements outside of this part
raise an error.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

# Messages by the first part of paths (`log`, `resource`, …); attributes and caches are dictionaries.
Scope: TypeAlias = dict[str, Any]

_TOKEN = re.compile(r'\s*(?:("(?:\\.|[^"\\])*")|([A-Za-z_][A-Za-z0-9_.]*)|(==|!=|[()\[\],]))')
_ENVIRONMENT = re.compile(r"\$\{env:(\w+)\}|\$\$")


def expanded(text: str, environment: Mapping[str, str]) -> str:
    """Expand environment variables in a text of the configuration."""
    return _ENVIRONMENT.sub(lambda found: environment[found[1]] if found[1] else "$", text)


def run(statement: str, scope: Scope) -> None:
    """Run an editor, with its condition if it has one."""
    parser = _Parser(statement)
    name, arguments = parser.call()
    if parser.take("where"):
        condition = parser.condition()
        parser.end()
        if not condition(scope):
            return
    parser.end()
    _EDITORS[name](scope, arguments)


def holds(condition: str, scope: Scope) -> bool:
    """Return whether a condition is true."""
    parser = _Parser(condition)
    found = parser.condition()
    parser.end()
    return found(scope)


class Path:
    """A path such as `log.attributes["model"]`: names, and optionally a key."""

    def __init__(self, names: list[str], key: str | None) -> None:
        self.names, self.key = names, key

    def __call__(self, scope: Scope) -> Any:
        """Return the value, or None."""
        value: Any = scope
        for name in self.names:
            value = value[name]
        return value if self.key is None else value.get(self.key)

    def set(self, scope: Scope, value: Any) -> None:
        """Set the value."""
        if self.key is not None:
            Path(self.names, None)(scope)[self.key] = value
        else:
            Path(self.names[:-1], None)(scope)[self.names[-1]] = value


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        position = 0
        while text[position:].strip():
            found = _TOKEN.match(text, position)
            if found is None:
                raise ValueError(f"cannot be read: {text[position:]}")
            self._tokens.append(found[0].strip())
            position = found.end()

    def take(self, token: str) -> bool:
        if self._tokens and self._tokens[0] == token:
            self._tokens.pop(0)
            return True
        return False

    def expect(self, token: str) -> None:
        if not self.take(token):
            raise ValueError(f"{token} is missing before {self._tokens}")

    def end(self) -> None:
        if self._tokens:
            raise ValueError(f"too much: {self._tokens}")

    def call(self) -> tuple[str, list[Any]]:
        name = self._tokens.pop(0)
        self.expect("(")
        return name, self._values(")")

    def condition(self) -> Callable[[Scope], bool]:
        parts = [self._comparison()]
        while self.take("and"):
            parts.append(self._comparison())
        return lambda scope: all(part(scope) for part in parts)

    def _comparison(self) -> Callable[[Scope], bool]:
        if self.take("not"):
            denied = self._comparison()
            return lambda scope: not denied(scope)
        left = self._value()
        operator = self._tokens[0] if self._tokens else ""
        if operator not in {"==", "!="}:
            return lambda scope: bool(_resolved(left, scope))
        self._tokens.pop(0)
        right = self._value()
        return lambda scope: (_resolved(left, scope) == _resolved(right, scope)) is (operator == "==")

    def _values(self, closing: str) -> list[Any]:
        values: list[Any] = []
        while not self.take(closing):
            values.append(self._value())
            if not self.take(","):
                self.expect(closing)
                break
        return values

    def _value(self) -> Any:
        token = self._tokens.pop(0)
        if token == "[":
            items = self._values("]")
            return lambda scope: [_resolved(item, scope) for item in items]
        if token.startswith('"'):
            return re.sub(r"\\(.)", r"\1", token[1:-1])
        if token in {"nil", "true"}:
            return None if token == "nil" else True
        if self._tokens and self._tokens[0] == "(":
            function = _CONVERTERS[token]
            self.expect("(")
            arguments = self._values(")")
            key = self._key()
            return lambda scope: _indexed(function(*(_resolved(item, scope) for item in arguments)), key)
        return Path(token.split("."), self._key())

    def _key(self) -> str | None:
        if not self.take("["):
            return None
        key: str = self._value()
        self.expect("]")
        return key


def _resolved(value: Any, scope: Scope) -> Any:
    return value(scope) if callable(value) else value


def _indexed(value: Any, key: str | None) -> Any:
    return value if key is None else value[key]


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text.replace(r"\z", r"\Z"))


def _set(scope: Scope, arguments: list[Any]) -> None:
    value = _resolved(arguments[1], scope)
    if value is not None:
        arguments[0].set(scope, value)


def _keep_keys(scope: Scope, arguments: list[Any]) -> None:
    attributes, kept = arguments[0](scope), set(_resolved(arguments[1], scope))
    for name in attributes.keys() - kept:
        del attributes[name]


def _delete_matching_keys(scope: Scope, arguments: list[Any]) -> None:
    attributes = arguments[0](scope)
    for name in [name for name in attributes if _pattern(arguments[1]).search(name)]:
        del attributes[name]


def _replace_pattern(scope: Scope, arguments: list[Any]) -> None:
    target, pattern, replacement = arguments
    if isinstance(text := target(scope), str):
        target.set(scope, _pattern(pattern).sub(re.sub(r"\$(\d)", r"\\\1", replacement), text))


def _concat(values: list[Any], delimiter: str) -> str:
    return delimiter.join(str(value) for value in values if isinstance(value, str | int | float))


def _extract_patterns(text: str, pattern: str) -> dict[str, str]:
    found = _pattern(pattern).search(text)
    return found.groupdict() if found else {}


def _to_key_value_string(attributes: dict[str, Any], equals: str, space: str, in_order: bool) -> str:
    assert in_order, "the order must be fixed, or the hash varies"
    return space.join(f"{name}{equals}{attributes[name]}" for name in sorted(attributes))


_EDITORS: dict[str, Callable[[Scope, list[Any]], None]] = {
    "set": _set,
    "keep_keys": _keep_keys,
    "delete_key": lambda scope, arguments: arguments[0](scope).pop(arguments[1], None) and None,
    "delete_matching_keys": _delete_matching_keys,
    "replace_pattern": _replace_pattern,
}
_CONVERTERS: dict[str, Callable[..., Any]] = {
    "SHA256": lambda text: hashlib.sha256(text.encode()).hexdigest(),
    "Concat": _concat,
    "ExtractPatterns": _extract_patterns,
    "ToKeyValueString": _to_key_value_string,
    "IsMatch": lambda text, pattern: text is not None and _pattern(pattern).search(str(text)) is not None,
}
