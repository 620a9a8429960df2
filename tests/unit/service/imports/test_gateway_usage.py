import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schema.errors import SetUpError
from service.contracts.gateway_usage import GatewayRequestIn
from service.imports.gateway_usage import read_requests

LINE = (
    '{"event_id": "a", "occurred_at": "2026-11-22T01:45:52Z", "model": "gpt-5.1", "request_bytes": 10,'
    ' "response_bytes": 20, "stream": true, "user": "CANARY"}'
)
CSV = """event_id,Occurred_At,model,request_bytes,response_bytes,stream,user,input_tokens,output_tokens
a,2026-11-22T01:45:52Z,gpt-5.1,10,20,true,CANARY,,null
b,2026-11-22T01:45:52+00:00,gpt-5.1,10,20,false,"CANARY
of two lines",3,4

"""
EXPECTED = GatewayRequestIn(
    event_id="a",
    occurred_at=datetime(2026, 11, 22, 1, 45, 52, tzinfo=UTC),
    model="gpt-5.1",
    request_bytes=10,
    response_bytes=20,
    stream=True,
)


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "usage.log"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_json_lines_and_csv_are_read_equally(tmp_path: Path) -> None:
    assert list(read_requests(written(tmp_path, f"\ufeff\n{LINE}\n\n{LINE}"))) == [EXPECTED, EXPECTED]
    first, second = read_requests(written(tmp_path, CSV))
    assert first == EXPECTED
    assert (second.event_id, second.stream, second.input_tokens, second.output_tokens) == ("b", False, 3, 4)


def test_gzip_is_read_and_progress_is_reported(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(CSV.encode()))
    steps: list[int] = []
    assert len(list(read_requests(path, steps.append))) == 2
    assert sum(steps) == path.stat().st_size


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    assert list(read_requests(written(tmp_path, "\n \n"))) == []


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (f"{LINE}\n{LINE.replace('10', '-1')}", "line 2: Expected `int` >= 0 - at `request_bytes`"),
        (LINE.replace("10", "1e30"), "line 1: Expected `int`, got `float` - at `request_bytes`"),
        (LINE.replace("10", "NaN"), "line 1: JSON is malformed"),
        (LINE.replace('"gpt-5.1"', '"CANARY@example.org"'), "line 1: model is missing"),
        (LINE.replace('"stream"', '"input_tokens": 3, "stream"'), "line 1: output_tokens is missing"),
        (LINE.replace("2026-11-22T01:45:52Z", "2026-11-22T01:45:52"), "line 1: Expected"),
        (CSV.replace("b,2026", ",2026"), "line 3: Object missing required field `event_id`"),
        (CSV.replace("10,20,false", "ten,20,false"), "line 3: Expected `int`, got `str` - at `request_bytes`"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_without_its_value_and_stops_no_other(
    tmp_path: Path, content: str, where: str
) -> None:
    left_out: list[str] = []
    good = LINE if content.startswith("{") else CSV.splitlines()[1]
    found = read_requests(
        written(tmp_path, f"{content.rstrip()}\n{good}\n"),
        leave_out=lambda place, reason: left_out.append(f"{place}: {reason}"),
    )
    assert list(found)[-1].event_id == "a"
    (place,) = left_out
    assert place.startswith("usage.log")
    assert where in place
    assert "CANARY" not in place


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (CSV.replace("model", "CANARY"), "line 1: is neither JSON nor a header with the column model"),
        (b"\xff\xfe", "cannot be read completely"),
        (gzip.compress(CSV.encode(), mtime=0)[:-9], "cannot be read completely"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: str | bytes, where: str) -> None:
    with pytest.raises(SetUpError) as caught:
        list(read_requests(written(tmp_path, content)))
    assert caught.value.detail.startswith("usage.log")
    assert where in caught.value.detail
    assert caught.value.detail.endswith("nothing was sent")
    assert "CANARY" not in caught.value.detail


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetUpError, match=r"none\.csv: no such file; nothing was sent"):
        list(read_requests(tmp_path / "none.csv"))
