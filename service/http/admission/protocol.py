"""uvicorn's HTTP protocol within limits: of connections, heads, bodies, time, and requests of strangers.

uvicorn bounds none of these for httptools. A request that arrives at once costs two additions and three comparisons
more; whatever takes longer is looked at when more of it arrives, and once a second.
"""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT

from service.http.admission import limits, refusals
from service.http.admission.addresses import counted_address
from service.http.admission.admission import Admission, Client
from service.http.admission.fair_flow import FairFlow
from service.http.admission.limits import HEAD_BYTES, HEADERS, PIECES
from service.http.admission.lingering import PoliteWrites
from service.http.admission.refusals import Refusal, RefusedError, refuse_request
from service.http.admission.turns import Work
from service.http.joined_writes import JoiningProtocol
from service.http.metrics_port import only_metrics

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


class AdmittingProtocol(JoiningProtocol):
    """One connection. Subclasses name the `admission` of their process, see `admitting`."""

    admission: ClassVar[Admission]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # Of the request that is arriving: all its bytes, those of its body, and their pieces. All 0 between requests.
        self._fed = self._received = self._pieces = 0
        # Bytes counted as under way, and as not yet taken by the client.
        self._held = self._unsent = 0
        # Seconds in the present state, by the sweep.
        self._seconds = 0
        self._may_stay = self._is_lingering = self._is_proxy = False
        self._taker: Client

    def wrapped(self, transport: asyncio.Transport) -> PoliteWrites:
        """Return the transport that responses are written to."""
        return PoliteWrites(transport, self.loop, self)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Admit or refuse a new connection."""
        super().connection_made(transport)
        self.flow = self._fair_flow = FairFlow(self.transport, self)
        peer, port = self.client or ("", 0)
        self._is_proxy = self.admission.proxies.trusts(peer)
        address = counted_address(peer)
        self.client = (address, port)
        self._taker = self._peer = self.admission.client(address)
        if self.server is not None and self.server[1] == self.admission.limits.metrics_port:
            self.app = only_metrics(self.app)
        refusal = self.admission.enter(self._peer, self, is_proxy=self._is_proxy)
        if refusal is not None:
            self.admission.count_refusal(refusal)
            self.transport.write(refusal.response)
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give back what the connection took."""
        super().connection_lost(exc)
        self.admission.leave(self._peer, self)
        self._release()
        self._settle()

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

    def shutdown(self) -> None:
        """Close once the response is sent."""
        self._may_stay = False
        if self.is_waiting:
            self.evict()
        else:
            super().shutdown()

    def pause_writing(self) -> None:
        """Count what the client does not take."""
        super().pause_writing()
        self._settle()
        self._unsent = self.transport.get_write_buffer_size()
        if self.admission.owe(self._taker, self._unsent):
            self._cut()

    def resume_writing(self) -> None:
        """The client took it."""
        super().resume_writing()
        self._settle()

    def read_later(self, work: Work) -> None:
        """Read more of a body in this turn or a later one."""
        if self.admission.turns.has_room(self.loop):
            work()
        else:
            self.admission.turns.wait(self._taker.address, work)

    @property
    def is_waiting(self) -> bool:
        """Return whether no request is being answered or has its body under way."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def is_unread(self) -> bool:
        """Return whether the client may still be sending a request."""
        return self._fed > 0 or (self.cycle is not None and self.cycle.more_body)

    def evict(self) -> None:
        """Close the connection, which loses nothing: no request of it is complete."""
        if self.is_unread:
            self.transport.abort()
        else:
            self.transport.close()

    def lingers(self) -> None:
        """Take notice that the connection ends politely."""
        self._is_lingering, self._seconds = True, 0
        self._fair_flow.resume_now()
        self._release()

    def tick(self) -> None:
        """Count a second, and end what takes too long."""
        self._seconds += 1
        if self._is_lingering or self.transport.is_closing():
            if self._seconds > (limits.LINGER_SECONDS if self._is_lingering else limits.CLOSING_SECONDS):
                self.transport.abort()
        elif self.flow.write_paused:
            self._tick_response()
        elif self.is_waiting:
            self._tick_head()
        elif self.cycle.more_body:
            self._tick_body()
        else:
            self._seconds = 0

    def _tick_head(self) -> None:
        is_new = self.cycle is None
        if self._fed and self._seconds > limits.HEAD_SECONDS:
            # Without an answer, as other servers do: nothing was asked yet.
            self.admission.count_refusal(refusals.SLOW_HEAD)
            self.evict()
        elif not self._fed and self._seconds > (limits.HEAD_SECONDS if is_new else limits.KEEP_ALIVE_SECONDS):
            self.transport.close()

    def _tick_body(self) -> None:
        if self.flow.read_paused:
            self._seconds -= 1  # the client waits for us
        elif self._seconds > limits.BODY_SECONDS or (
            self._seconds > limits.BODY_GRACE_SECONDS and self._received < self._seconds * limits.BODY_BYTES_A_SECOND
        ):
            self._refuse(refusals.SLOW_BODY)

    def _tick_response(self) -> None:
        unsent = self.transport.get_write_buffer_size()
        if unsent <= self._unsent - limits.STALLED_BYTES:
            self._seconds = 0
        elif self._seconds > limits.STALLED_SECONDS:
            self._cut()
            return
        self._settle()
        self._unsent = unsent
        self.admission.owe(self._taker, unsent)

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
        address = counted_address(self.admission.proxies.client_of(self.headers, self._peer.address))
        self._taker = self.admission.client(address)
        self.scope["client"] = (address, 0)

    def _refuse(self, refusal: Refusal) -> None:
        """Answer unless another response has begun, and end the connection."""
        self.admission.count_refusal(refusal)
        cycle = self.cycle
        if self.is_waiting:
            self.transport.write(refusal.response)
        elif self.pipeline or not cycle.more_body or cycle.response_started:
            # Another response is being sent, which this one would break.
            self.transport.abort()
            return
        else:
            self.transport.write(refusal.response)
            # The endpoint learns that its client has gone.
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.close()

    def _cut(self) -> None:
        self.admission.count_refusal(refusals.SLOW_READER)
        self.transport.abort()

    def _release(self) -> None:
        self.admission.release(self._taker, self._held)
        self._held = 0

    def _settle(self) -> None:
        if self._unsent:
            self.admission.owe(self._taker, -self._unsent)
            self._unsent = 0


def admitting(admission: Admission) -> type[AdmittingProtocol]:
    """Return the protocol of a process with these limits."""
    return type("AdmittingProtocol", (AdmittingProtocol,), {"admission": admission})
