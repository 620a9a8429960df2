from datetime import date

from service.api.ownership.parts import ESTIMATED_PARTS, UNITS
from service.api.ownership.published_factors import PUBLISHED


def test_every_estimated_part_has_one_published_factor_with_an_address_a_date_and_an_explanation() -> None:
    assert sorted(each.part for each in PUBLISHED) == sorted(ESTIMATED_PARTS)
    for each in PUBLISHED:
        assert each.part in UNITS
        assert each.url.startswith("https://")
        assert date(2023, 1, 1) <= each.published_on <= date(2026, 11, 30)
        assert len(each.note) > 50
        assert 0 <= each.low <= each.value <= each.high


def test_an_independent_estimate_lies_within_the_range() -> None:
    output = next(each for each in PUBLISHED if each.part == "energy_per_output")
    # Jegham et al. 2025: 0.42 Wh for a GPT-4o answer of 300 tokens.
    assert output.low < 0.42 / 300 * 1000 * 1_000_000 < output.high
