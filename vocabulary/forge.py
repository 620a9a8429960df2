"""The forges, by the names that the API uses."""

from typing import Literal, TypeAlias

Forge: TypeAlias = Literal["github", "gitlab"]
