import pytest
from arq.connections import ArqRedis

from schema.queue import QUEUE_NAME, Job, deserialize, serialize
from workers import main


def test_every_job_that_can_be_woken_has_a_function() -> None:
    assert set(main.JOBS) == set(Job)


async def test_a_job_without_a_function_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "JOBS", {job: main.JOBS[job] for job in list(Job)[1:]})
    with pytest.raises(RuntimeError, match=next(iter(Job)).value):
        main.arq_worker(ArqRedis(), None)  # type: ignore[arg-type]  # it is not reached


async def test_nothing_but_json_is_read_from_redis_and_no_result_is_kept_there() -> None:
    worker = main.arq_worker(ArqRedis(), None)  # type: ignore[arg-type]  # no job is run
    assert (worker.job_serializer, worker.job_deserializer) == (serialize, deserialize)
    assert (worker.queue_name, worker.keep_result_s) == (QUEUE_NAME, 0)
