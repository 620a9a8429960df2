from workers.forges.page_size import LEAST, PATIENCE, PageSize


def test_it_halves_down_to_the_least_and_doubles_back_after_a_while() -> None:
    size = PageSize(50)
    size.failed()
    assert size.now == 25
    for _ in range(5):
        size.failed()
    assert size.now == LEAST
    for _ in range(PATIENCE - 1):
        size.succeeded()
    assert size.now == LEAST
    size.succeeded()
    assert size.now == 2 * LEAST
    for _ in range(10 * PATIENCE):
        size.succeeded()
    assert size.now == 50
