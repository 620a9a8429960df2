"""The headers of a request, made into text only as far as they are looked at."""

from collections.abc import Iterable, Iterator, Mapping


class Headers(Mapping[str, str]):
    """By lower-case name; of one that is told twice, the last."""

    def __init__(self, reported: Iterable[tuple[bytes, bytes]]) -> None:
        self._reported = dict(reported)

    def __getitem__(self, name: str) -> str:
        return self._reported[name.encode("latin-1")].decode("latin-1")

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name in self._reported)

    def __len__(self) -> int:
        return len(self._reported)
