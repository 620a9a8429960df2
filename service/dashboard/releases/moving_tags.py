"""Which tags move, such as `v1` and `latest`: they name a release and ship nothing. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from vocabulary.alias_tags import Tagged, find_aliases


def moving_tags(rows: Iterable[Mapping[str, Any]]) -> set[bytes]:
    """Return the artifact ids of tags that move, from all releases of some families.

    Rows: artifact_id, repository_id, family, version, commit, is_prerelease, at.
    """
    families = defaultdict[tuple[bytes, bytes], list[Mapping[str, Any]]](list)
    for row in rows:
        families[row["repository_id"], row["family"]].append(row)
    found: set[bytes] = set()
    for family in families.values():
        # A name without a version is that of a channel.
        found |= {row["artifact_id"] for row in family if row["version"] is None}
        found |= find_aliases(
            Tagged(row["artifact_id"], tuple(row["version"]), row["commit"], row["at"])
            for row in family
            if row["version"] and not row["is_prerelease"]
        )
    return found
