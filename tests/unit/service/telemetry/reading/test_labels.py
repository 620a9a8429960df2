"""What may be stored in clear."""

import pytest

from service.telemetry.reading.labels import label, team_label


@pytest.mark.parametrize("text", ["nightly-refactoring", "review/3", " Triage 2.0 ", "v1:prompt#4"])
def test_a_plain_tag_is_kept(text: str) -> None:
    assert label(text) == text.strip()


@pytest.mark.parametrize(
    "text", [None, "", "someone@example.org", "x" * 101, "a\x00b", "a\nb", "naïve", "-rf", "$HOME"]
)
def test_an_odd_tag_is_dropped(text: str | None) -> None:
    assert label(text) == ""


@pytest.mark.parametrize("text", ["platform", "Équipe 7", "平台", "7"])
def test_a_team_id_may_be_of_any_script(text: str) -> None:
    assert team_label(text) == text


@pytest.mark.parametrize("text", [None, "", "  ", "someone@example.org", "x" * 101, "a\x00b", "a\nb"])
def test_an_invalid_team_id_is_dropped(text: str | None) -> None:
    assert team_label(text) is None
