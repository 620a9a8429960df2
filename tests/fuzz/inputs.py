"""Turns the bytes of a fuzzer into inputs of a certain kind: long texts, and JSON that differs from a real body."""

import copy
from collections.abc import Sequence
from typing import Any

ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63 - 1, 2**63, 2**64, -(2**63), 10**40, 0.5, -0.0, 1e308),
    *("", " ", "0", "\0", "CANARY", "é" * 40, "\u2028", "NaN", "-1", "1e9", "9" * 400, "2026-01-01T00:00:00Z"),
    *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "https://[", "git@:x", "a/b/c", "0" * 40, "f" * 64),
    *([], {}, [None], [[]], {"": None}, {"id": 1}, [{}] * 3),
)
WORDS: tuple[str, ...] = (
    *("a", "/", "*", "**/", "[", "]", "(", ")", "@a/b ", "#1", "#1, ", "revert ", "Reverts ", "This reverts commit "),
    *("\n", "\r\n", " ", "\t", "v1.", "-rc", ".", "-", "_", "!", "\\", '"', "'", "`", ":", "Closes #1 from a/b\n"),
    *(
        "See merge request a/b!1\n",
        "0",
        "9",
        "abcdef0",
        "é",
        "\0",
        "release",
        "https://a/",
        "[x]",
        "(#1)",
        " and ",
        "'",
    ),
)
LONGEST = 64 * 1024


class Choices:
    """Draws decisions from bytes; at their end, every choice is the first."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place, self._repeats = data, 0, 0

    def number(self, below: int) -> int:
        """Return a number from 0 to `below` - 1."""
        size = 1 if below <= 1 << 8 else 2 if below <= 1 << 16 else 4
        taken = self._data[self._place : self._place + size]
        self._place += size
        return int.from_bytes(taken, "little") % below

    def one(self, values: Sequence[Any]) -> Any:
        """Return one of the values."""
        return values[self.number(len(values))]

    def rest(self) -> bytes:
        """Return the bytes that are left."""
        return self._data[self._place :]

    def text(self, alphabet: Sequence[str] = WORDS) -> str:
        """Return a text of words and raw characters, in which one part may be repeated until it is long."""
        parts: list[str] = []
        length = 0
        for _ in range(self.number(12)):
            kind = self.number(256)
            part = chr(self.number(0x3000)) if kind < 32 else self.one(alphabet)
            if kind == 255:
                part *= self.one((2, 20, 300, 5_000, 20_000))
            parts.append(part[: LONGEST - length])
            length += len(parts[-1])
        return "".join(parts)

    def lines(self, alphabet: Sequence[str] = WORDS) -> str:
        """Return a text, or the remaining bytes as text."""
        return self.text(alphabet) if self.number(4) else self.rest().decode("utf-8", "replace")

    def changed(self, body: Any, most: int = 8) -> Any:
        """Return a copy of decoded JSON in which some values are replaced, removed, repeated or exchanged."""
        changed = copy.deepcopy(body)
        for _ in range(1 + self.number(most)):
            self._change(changed)
        return changed

    def _change(self, node: Any) -> None:
        for _ in range(12):
            if isinstance(node, dict) and node:
                key: Any = self.one(list(node))
            elif isinstance(node, list) and node:
                key = self.number(len(node))
            else:
                return
            child = node[key]
            if isinstance(child, dict | list) and child and self.number(5):
                node = child
                continue
            self._replace(node, key)
            return

    def _replace(self, node: Any, key: Any) -> None:
        kind = self.number(8)
        if kind == 0:
            del node[key]
        elif kind == 1:
            # Repeated repetitions would make bodies of many megabytes.
            node[key] = [node[key]] * self.one((1, 2, 50 if self._repeats == 0 else 3))
            self._repeats += 1
        elif kind == 2 and isinstance(node, dict):
            node[self.text()[:200]] = node.pop(key)
        elif kind == 3:
            node[key] = self.text()
        elif kind == 4 and isinstance(node, dict):
            node[key] = node[self.one(list(node))]
        else:
            node[key] = copy.deepcopy(self.one(ODD_VALUES))
