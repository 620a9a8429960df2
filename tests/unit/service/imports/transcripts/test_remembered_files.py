from pathlib import Path

import pytest

from service.imports.transcripts.folders import TranscriptFile
from service.imports.transcripts.remembered_files import RememberedFiles

FILES = [TranscriptFile(Path("/CANARY/a.jsonl"), 10, 1), TranscriptFile(Path("/CANARY/b.jsonl"), 20, 2)]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def test_a_file_is_unchanged_with_the_same_size_and_time() -> None:
    assert RememberedFiles("here").changed(FILES) == FILES
    RememberedFiles("here").keep(FILES, {"files": 2})
    memory = RememberedFiles("here")
    grown, touched = FILES[0]._replace(size=11), FILES[1]._replace(written_at=3)
    assert (memory.changed(FILES), memory.holds(FILES), memory.summary) == ([], True, {"files": 2})
    assert memory.changed([grown, touched]) == [grown, touched]
    assert not memory.holds(FILES[:1])
    assert not memory.holds([grown, FILES[1]])


def test_each_target_has_a_memory_of_its_own() -> None:
    RememberedFiles("here", "key").keep(FILES)
    assert RememberedFiles("here", "other").changed(FILES) == FILES
    assert RememberedFiles("herekey").changed(FILES) == FILES


def test_no_path_and_no_key_is_kept(state: Path) -> None:
    RememberedFiles("https://example.org", "CANARY-key").keep(FILES)
    (kept,) = (state / "shipledger" / "imports").iterdir()
    assert "CANARY" not in kept.read_text() + kept.name


def test_an_unreadable_memory_counts_as_empty(state: Path) -> None:
    RememberedFiles("here").keep(FILES)
    (kept,) = (state / "shipledger" / "imports").iterdir()
    kept.write_text("half")
    assert RememberedFiles("here").changed(FILES) == FILES
    (state / "shipledger" / "imports").rename(state / "moved")
    (state / "shipledger" / "imports").write_text("a file")
    RememberedFiles("here").keep(FILES)
    assert RememberedFiles("here").changed(FILES) == FILES
