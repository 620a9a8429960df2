"""Connections are closed only when the server answers nothing, twice in a row."""

from schema.server_watch import PATIENCE_SECONDS, ServerWatch


class Held:
    def __init__(self) -> None:
        self.is_closed = False

    def terminate(self) -> None:
        self.is_closed = True


class Server:
    """A clock, and a server that answers as often as the list says."""

    def __init__(self, *answers: bool) -> None:
        self.now, self.asked = 100.0, 0
        self._answers = answers

    def clock(self) -> float:
        return self.now

    async def ask(self) -> None:
        self.asked += 1
        if not self._answers[self.asked - 1]:
            raise TimeoutError


async def after(server: Server, seconds: float) -> Held:
    """Return a connection that was in use for so many seconds when the watch looked."""
    watch, held = ServerWatch(server.ask, server.clock), Held()
    watch.begin(held)
    server.now += seconds
    await watch.look()
    return held


async def test_a_server_that_is_asked_twice_in_vain_loses_its_connections() -> None:
    server = Server(False, False)
    assert (await after(server, PATIENCE_SECONDS + 1)).is_closed


async def test_a_server_that_answers_keeps_a_long_statement() -> None:
    for answers in ((True,), (False, True)):
        server = Server(*answers)
        assert not (await after(server, 50)).is_closed
        assert server.asked == len(answers)


async def test_nothing_is_asked_while_statements_are_short() -> None:
    server = Server()
    assert not (await after(server, PATIENCE_SECONDS - 0.5)).is_closed
    assert server.asked == 0


async def test_what_ended_or_began_meanwhile_is_left_alone() -> None:
    server = Server(False, False)
    watch, late, ended, held = ServerWatch(server.ask, server.clock), Held(), Held(), Held()
    watch.begin(ended)
    watch.begin(held)
    server.now += PATIENCE_SECONDS + 1
    watch.begin(late)
    watch.end(ended)
    await watch.look()
    assert (held.is_closed, ended.is_closed, late.is_closed) == (True, False, False)
