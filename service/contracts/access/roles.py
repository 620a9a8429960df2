"""Names of roles in JSON."""

from typing import Literal, TypeAlias

RoleName: TypeAlias = Literal["viewer", "auditor", "admin", "owner"]
