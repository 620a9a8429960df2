"""One JSON request to a key service."""

from collections.abc import Mapping
from typing import Any

import httpx

from schema.errors import SetUpError, UnavailableError

SECONDS = 5.0
TOO_MANY = 429


def post(service: str, url: str, headers: Mapping[str, str], body: Mapping[str, str]) -> Any:
    """Return the answer as JSON.

    Raises UnavailableError if the service does not answer, and SetUpError with the status if it refuses.
    """
    try:
        answer = httpx.post(url, headers=dict(headers), json=dict(body), timeout=SECONDS)
    except httpx.TransportError as error:
        raise UnavailableError(f"{service} cannot be reached; try again in a moment") from error
    if answer.is_server_error or answer.status_code == TOO_MANY:
        raise UnavailableError(f"{service} does not answer ({answer.status_code}); try again in a moment")
    if not answer.is_success:
        raise SetUpError(f"{service} refused ({answer.status_code}); check the key's address and the permissions")
    return answer.json()
