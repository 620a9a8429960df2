"""States tie an answer of GitHub to what was begun here."""

from datetime import UTC, datetime, timedelta

from schema.key_ring import KeyRing
from service.github_apps.states import installation_state, is_installation_state, new_state, parse_state

SECRET = "a secret of the tests, long enough to be one"
OTHER = "another secret of the tests, long enough"
RING = KeyRing.of(SECRET)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_registrations_state_names_its_organization_and_is_never_the_same() -> None:
    first, second = new_state(12), new_state(12)
    assert first != second
    parsed = parse_state(first)
    assert parsed is not None
    assert parsed.organization_id == 12
    assert parsed == parse_state(first) != parse_state(second)


def test_an_invalid_state_is_rejected() -> None:
    for text in ("", "12", "0-" + "a" * 43, "12-" + "a" * 42, "12-" + "a" * 43 + "\n", "x" * 1000):
        assert parse_state(text) is None


def test_an_installations_state_is_good_for_its_app_and_a_day() -> None:
    state = installation_state(RING, "1-a", NOW)
    assert is_installation_state(RING, "1-a", state, NOW)
    assert is_installation_state(RING, "1-a", state, NOW + timedelta(hours=23))
    assert not is_installation_state(RING, "1-a", state, NOW + timedelta(hours=25))
    assert not is_installation_state(RING, "1-b", state, NOW)
    assert not is_installation_state(KeyRing.of(OTHER), "1-a", state, NOW)
    later = f"{int(state[:10]) + 1}{state[10:]}"
    assert not is_installation_state(RING, "1-a", later, NOW)
    assert not is_installation_state(RING, "1-a", "", NOW)


def test_a_state_outlives_a_change_of_the_secret_key() -> None:
    state = installation_state(RING, "1-a", NOW)
    assert is_installation_state(KeyRing.of(OTHER, SECRET), "1-a", state, NOW)
