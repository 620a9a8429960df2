"""RFC 9457 problem documents, for endpoints and for requests that reach none."""

from typing import Any

MEDIA_TYPE = "application/problem+json"


def problem_document(status: int, title: str, detail: str, field: str | None = None) -> dict[str, Any]:
    """Return type, title, status, detail, and `field` if one part of the request is wrong."""
    content: dict[str, Any] = {
        "type": f"urn:shipledger:problem:{title.lower().replace(' ', '-')}",
        "title": title,
        "status": int(status),
        "detail": f"{field} {detail}" if field and not detail.startswith(field) else detail,
    }
    if field:
        content["field"] = field
    return content
