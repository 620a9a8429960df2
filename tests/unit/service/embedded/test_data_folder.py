from pathlib import Path

import pytest

from schema.errors import SetUpError
from service.embedded.data_folder import LONGEST_SOCKET_FOLDER, DataFolder, socket_folder, write_private


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "new" / "data"
    with DataFolder(path).claimed(), pytest.raises(SetUpError, match="already running"), DataFolder(path).claimed():
        pass
    with DataFolder(path).claimed():
        assert path.stat().st_mode & 0o777 == 0o700


def test_the_secret_key_is_made_once(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    (key,) = folder.secret_keys()
    assert len(key) == 64
    assert DataFolder(tmp_path).secret_keys() == [key]


def test_a_new_secret_key_stands_above_the_earlier_ones(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    (earlier,) = folder.secret_keys()
    write_private(folder.secret_key_file, f"{'0' * 64}\n{earlier}\n")
    assert folder.secret_keys() == ["0" * 64, earlier]


@pytest.mark.parametrize("text", ["", "0123\n", f"{'0' * 64}\n12"])
def test_a_damaged_secret_key_is_to_be_restored_and_not_replaced(tmp_path: Path, text: str) -> None:
    folder = DataFolder(tmp_path)
    folder.secret_key_file.write_text(text)
    with pytest.raises(SetUpError, match="is damaged; restore it"):
        folder.secret_keys()


def test_a_private_file_is_replaced_whole_and_stays_private(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("before")
    file.chmod(0o644)
    write_private(file, "after")
    assert file.read_text() == "after"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("name", ["long" * 30, "a space", "a:colon", "a,comma", "é"])
def test_a_folder_that_no_socket_address_can_hold_is_stood_in_for(tmp_path: Path, name: str) -> None:
    with socket_folder(tmp_path / name) as folder:
        assert len(str(folder)) <= LONGEST_SOCKET_FOLDER
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()


def test_a_short_plain_folder_holds_its_own_socket() -> None:
    with socket_folder(Path("/var/data")) as folder:
        assert folder == Path("/var/data")
