"""A connection of a client within limits: admitted or refused, timed by the sweep, and ended."""

import asyncio
from typing import Any, ClassVar

from service.http.admission import limits, refusals
from service.http.admission.addresses import counted_address
from service.http.admission.admission import Admission, Client
from service.http.admission.fair_flow import FairFlow
from service.http.admission.lingering import PoliteWrites
from service.http.admission.refusals import Refusal
from service.http.admission.turns import Work
from service.http.joined_writes import JoiningProtocol
from service.http.metrics_port import only_metrics


class LimitedConnection(JoiningProtocol):
    """uvicorn's protocol with what is counted of a connection. `AdmittingProtocol` reads its requests."""

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
        return self._fed > 0 or self.has_body

    @property
    def has_body(self) -> bool:
        """Return whether the client may still be sending a body."""
        return self.cycle is not None and self.cycle.more_body

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
