"""Parameters that several tools share."""

from typing import Annotated, Any, Literal, TypeAlias

from mcp.server.mcpserver import Context
from mcp_types import CallToolResult
from pydantic import Field

from service.mcp.service_requests import Answer

Found: TypeAlias = Annotated[CallToolResult, Answer]
Caller: TypeAlias = Context[Any, Any]
Repository: TypeAlias = Annotated[
    str | None, Field(description="Repository as host/owner/name or owner/name (default: that of the clone here)")
]
Forge: TypeAlias = Annotated[
    Literal["github", "gitlab"] | None, Field(description="Forge, if the repository names no host (default: github)")
]
Team: TypeAlias = Annotated[str | None, Field(description="Name of a team (default: all teams)")]
First: TypeAlias = Annotated[str | None, Field(description="First UTC day, as YYYY-MM-DD")]
Last: TypeAlias = Annotated[str | None, Field(description="Last UTC day, inclusive, as YYYY-MM-DD")]
Limit: TypeAlias = Annotated[int, Field(ge=1, le=100, description="Most items to return")]
Compare: TypeAlias = Annotated[
    Literal["previous", "year"] | None, Field(description="Also show the period before, or a year before")
]
ArtifactId: TypeAlias = Annotated[
    Annotated[str, Field(pattern="^a1_[0-9a-f]{64}$")] | None,
    Field(description="Artifact id (a1_...), instead of the repository"),
]
