"""Roles of people in an organization, each of which includes the ones before it. Pure."""

from enum import StrEnum


class Role(StrEnum):
    """What a person may do: read figures, read the audit log, change settings, hand out every role."""

    VIEWER = "viewer"
    AUDITOR = "auditor"
    ADMIN = "admin"
    OWNER = "owner"

    def includes(self, other: "Role") -> bool:
        """Return whether this role may do all that `other` may."""
        return _ORDER[self] >= _ORDER[other]


_ORDER = {role: position for position, role in enumerate(Role)}
