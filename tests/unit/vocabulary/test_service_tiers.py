import pytest

from vocabulary.service_tiers import service_tier


@pytest.mark.parametrize(
    ("parts", "tier"),
    [
        ((), ""),
        ((None, "standard", "global"), ""),
        (("default",), ""),
        (("PRIORITY",), "priority"),
        (("priority", None, "us"), "priority+us"),
        (("us", "batch"), "batch+us"),
        (("us+batch",), "batch+us"),
        (("standard", "fast", "not_available"), "fast"),
        (("someone@example.com", "a b"), ""),
    ],
)
def test_a_tier_has_one_spelling_whatever_its_source_calls_it(parts: tuple[str | None, ...], tier: str) -> None:
    assert service_tier(*parts) == tier
