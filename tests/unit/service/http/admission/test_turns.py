import asyncio

from service.http.admission.turns import TURN, Turns


async def turn() -> None:
    """Let one turn of the event loop pass."""
    await asyncio.sleep(0)


async def test_only_so_much_begins_in_one_turn() -> None:
    turns, loop = Turns(), asyncio.get_running_loop()
    assert [turns.has_room(loop) for _ in range(TURN + 1)] == [True] * TURN + [False]
    await turn()
    assert turns.has_room(loop)


async def test_who_came_last_waits_no_longer_than_one_of_each_other_address() -> None:
    turns, loop, begun = Turns(), asyncio.get_running_loop(), list[str]()

    def begin(address: str) -> None:
        if turns.has_room(loop):
            begun.append(address)
        else:
            turns.wait(address, lambda: begun.append(address))

    for _ in range(10 * TURN):
        begin("many")
    begin("one")
    assert begun == ["many"] * TURN
    await turn()
    assert begun[TURN : TURN + 2] == ["many", "one"]
    assert len(begun) == 2 * TURN
    for _ in range(9):
        await turn()
    assert (begun.count("many"), begun.count("one")) == (10 * TURN, 1)


async def test_nobody_overtakes_who_waits() -> None:
    turns, loop, begun = Turns(), asyncio.get_running_loop(), list[int]()
    for number in range(2 * TURN):
        if turns.has_room(loop):
            begun.append(number)
        else:
            turns.wait("a", lambda number=number: begun.append(number))  # type: ignore[misc]
    await turn()
    await turn()
    assert begun == list(range(2 * TURN))
