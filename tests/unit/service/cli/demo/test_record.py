import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schema.errors import SetUpError
from service.cli.demo.record import FILE_NAME, RESENDABLE, DemoRecord

NOW = datetime(2026, 11, 22, 3, 41, tzinfo=UTC)


def test_a_first_run_begins_with_the_hour_that_has_begun(tmp_path: Path) -> None:
    record = DemoRecord.read_or_begin(tmp_path, NOW)
    assert record.ends_at == NOW.replace(minute=0)
    assert not record.is_sent


def test_a_later_run_shows_the_company_of_the_first(tmp_path: Path) -> None:
    first = DemoRecord.read_or_begin(tmp_path, NOW).connected("1-abc", "secret").sent()
    first.write(tmp_path)
    assert DemoRecord.read_or_begin(tmp_path, NOW + timedelta(days=90)) == first


def test_the_record_holds_a_secret_and_is_its_owners_alone(tmp_path: Path) -> None:
    DemoRecord.read_or_begin(tmp_path, NOW).write(tmp_path)
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o077 == 0


def test_a_demo_that_stopped_half_way_goes_on_soon_after_and_not_later(tmp_path: Path) -> None:
    begun = DemoRecord.read_or_begin(tmp_path, NOW).connected("1-abc", "secret")
    begun.write(tmp_path)
    assert DemoRecord.read_or_begin(tmp_path, NOW + RESENDABLE / 2) == begun
    with pytest.raises(SetUpError, match="half-way"):
        DemoRecord.read_or_begin(tmp_path, NOW + RESENDABLE * 2)


@pytest.mark.parametrize("content", ["", "[]", "{}", json.dumps({"ends_at": "soon"})])
def test_a_record_that_cannot_be_read_says_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content)
    with pytest.raises(SetUpError, match="to start over"):
        DemoRecord.read_or_begin(tmp_path, NOW)
