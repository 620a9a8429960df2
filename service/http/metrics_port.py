"""The port for Prometheus, which serves /metrics without a key and nothing else."""

from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from service.http.problem_documents import MEDIA_TYPE, problem_document

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope

PATH = "/metrics"

_NOT_HERE = msgspec.json.encode(
    problem_document(HTTPStatus.NOT_FOUND, "Not found", "this port serves only /metrics; see SHIPLEDGER_METRICS_PORT")
)
_HEADERS = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(_NOT_HERE)).encode())]


def only_metrics(app: "ASGI3Application") -> "ASGI3Application":
    """Return an application that serves only /metrics of another one."""

    async def serve(scope: "Scope", receive: "ASGIReceiveCallable", send: "ASGISendCallable") -> None:
        if scope["type"] == "http" and scope["path"] == PATH:
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": HTTPStatus.NOT_FOUND, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": _NOT_HERE, "more_body": False})

    return serve
