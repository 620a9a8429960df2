"""A team as a forge reports it. Its members are kept in memory only, and not by name.

A person is a digest under a random key of this process: it distinguishes members and means nothing elsewhere.
"""

import hashlib
import secrets
from dataclasses import dataclass, field

_KEY = secrets.token_bytes(32)


@dataclass(frozen=True, slots=True)
class ForgeTeam:
    """A team of an organization at GitHub, or a group at GitLab.

    `handle` is as in CODEOWNERS files, without the `@`; `parent` is the number of the surrounding team. `people` are
    all members, including inherited and nested ones, as the forge counts them. `owned` are the numbers of repositories
    it maintains, or of projects in it.
    """

    number: int
    handle: str
    parent: int | None = None
    people: frozenset[bytes] = field(default=frozenset(), repr=False)
    owned: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        """The last part of the handle."""
        return self.handle.rpartition("/")[2]


def digest_person(name: str) -> bytes:
    """Return the digest that stands for a person's login or number while this process runs."""
    return hashlib.blake2b(name.lower().encode(), key=_KEY, digest_size=16).digest()
