"""Tags that move are known from the others of their family."""

from datetime import UTC, datetime
from typing import Any

from service.dashboard.releases.moving_tags import moving_tags

AT = datetime(2026, 11, 18, tzinfo=UTC)


def row(number: int, version: list[int] | None, family: bytes = b"", **changes: Any) -> dict[str, Any]:
    fields = {"repository_id": b"web", "commit": None, "is_prerelease": False, "at": AT}
    return {"artifact_id": bytes([number]), "version": version, "family": family, **fields, **changes}


def test_a_short_version_beside_a_longer_one_moves() -> None:
    assert moving_tags([row(1, [1, 0, 0]), row(2, [1])]) == {b"\2"}
    assert moving_tags([row(1, [1, 0, 0]), row(2, [1], family=b"other")]) == set()
    assert moving_tags([row(1, [1, 0, 0]), row(2, [2, 0, 0], is_prerelease=True)]) == set()


def test_a_channel_moves() -> None:
    assert moving_tags([row(1, None)]) == {b"\1"}
    assert moving_tags([]) == set()
