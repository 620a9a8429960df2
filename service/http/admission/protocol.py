"""uvicorn's HTTP protocol within limits: of connections, heads, bodies, time, and requests of strangers.

uvicorn bounds none of these for httptools. A request that arrives at once costs two additions and three comparisons
more; whatever takes longer is looked at when more of it arrives, and once a second.
"""

from functools import partial
from typing import TYPE_CHECKING, Any

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT

from service.http.admission import limits, refusals
from service.http.admission.addresses import counted_address
from service.http.admission.admission import Admission
from service.http.admission.connection import LimitedConnection
from service.http.admission.limits import HEAD_BYTES, HEADERS, PIECES
from service.http.admission.refusals import RefusedError, refuse_request
from service.http.joined_writes import JoiningProtocol

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


class AdmittingProtocol(LimitedConnection):
    """One connection. Subclasses name the `admission` of their process, see `admitting`."""

    def data_received(self, data: bytes) -> None:
        """Parse what arrived, and look at a request that is still incomplete."""
        self._fed += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # no other protocol is supported; the request was answered as it is
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause.refusal if isinstance(cause, RefusedError) else refusals.UNREADABLE)
            return
        if self._fed:
            self._look()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, as uvicorn does, up to the limit."""
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        headers = self.headers
        headers.append((name, value))
        if len(headers) > HEADERS:
            raise RefusedError(refusals.MANY_HEADERS)

    def on_headers_complete(self) -> None:
        """Start the request, or let it wait for the response to an earlier one."""
        before = self.cycle
        if self._fed > HEAD_BYTES or (before is not None and not before.response_complete):
            self._look_at_head()
        if self._is_proxy:
            self._find_client()
        self._seconds = 0
        JoiningProtocol.on_headers_complete(self)
        # What follows the body must not become a header of the request.
        self.headers = []

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body, as uvicorn does, unless parts are tiny."""
        cycle = self.cycle
        if cycle.response_complete:
            return
        self._received += len(body)
        self._pieces += 1
        if self._pieces > PIECES and self._pieces * limits.PIECE_BYTES > self._received:
            raise RefusedError(refusals.SMALL_PIECES)
        cycle.body += body
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.message_event.set()

    def on_message_complete(self) -> None:
        """Note that the whole request has arrived."""
        self._fed = self._received = self._pieces = 0
        cycle = self.cycle
        if cycle.response_complete:
            return
        cycle.more_body = False
        if self._may_stay and not cycle.response_started:
            cycle.keep_alive = True
        self._may_stay = False
        cycle.message_event.set()

    def on_response_complete(self) -> None:
        """Go on with the next request."""
        self.server_state.total_requests += 1
        self._seconds = 0
        cycle = self.cycle
        if cycle.response_complete:
            scope: Any = cycle.scope
            # A valid key or signature, or a session.
            if not (scope.get("auth") or scope.get("user")):
                self.admission.strangers.count(self._taker.address)
        if self._held:
            self._release()
        if self.transport.is_closing() or self._is_lingering:
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)

    def _start_asgi_task(self, cycle: "RequestResponseCycle", app: "ASGI3Application") -> None:
        admission = self.admission
        strangers = admission.strangers
        if strangers.waiting and strangers.refuses(cycle.scope):  # type: ignore[arg-type]  # the same scope
            admission.count_refusal(refusals.MANY_REQUESTS)
            app = refuse_request
        if admission.turns.has_room(self.loop):
            JoiningProtocol._start_asgi_task(self, cycle, app)  # noqa: SLF001 - super() takes longer, for each request
        else:
            admission.turns.wait(self._taker.address, partial(self._start_later, cycle, app))

    def _start_later(self, cycle: "RequestResponseCycle", app: "ASGI3Application") -> None:
        if not (self.transport.is_closing() or self._is_lingering):
            super()._start_asgi_task(cycle, app)

    def _look(self) -> None:
        """Look at a request that is not complete after what arrived."""
        cycle = self.cycle
        if cycle is None or not cycle.more_body:
            if self._fed > limits.HEAD_BYTES:
                self._refuse(refusals.LARGE_HEAD)
            return
        if self._fed - self._received > limits.HEAD_BYTES + limits.FRAMING_BYTES + self._received // 4:
            self._refuse(refusals.MUCH_FRAMING)
            return
        # An answer that comes before the rest of the body ends the connection, instead of reading it.
        if cycle.keep_alive:
            self._may_stay, cycle.keep_alive = True, False
        refusal = self.admission.hold(self._taker, self._received - self._held)
        self._held = self._received
        if refusal is not None:
            self._refuse(refusal)
        elif cycle.body:
            # The endpoint takes it, and asks for more.
            self.flow.pause_reading()

    def _look_at_head(self) -> None:
        """Look at a head that came with other requests, or with much of a body."""
        if not self.is_waiting:
            # Whether it has a key is not known when its response is complete.
            self.admission.strangers.count(self._taker.address)
        if len(self.pipeline) >= limits.PIPELINED:
            raise RefusedError(refusals.MANY_PIPELINED)
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > limits.HEAD_BYTES:
            raise RefusedError(refusals.LARGE_HEAD)

    def _find_client(self) -> None:
        self._release()
        self._settle()
        address = counted_address(self.admission.proxies.client_of(self.headers, self._peer.address))
        self._taker = self.admission.client(address)
        self.scope["client"] = (address, 0)


def admitting(admission: Admission) -> type[AdmittingProtocol]:
    """Return the protocol of a process with these limits."""
    return type("AdmittingProtocol", (AdmittingProtocol,), {"admission": admission})
