import pytest

from service.imports.focus.price_details import PriceDetails, price_details


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"x_CacheStatus":"Uncached"}', PriceDetails("none")),
        ('{"x_CacheStatus":"CacheRead"}', PriceDetails("read")),
        ('{"x_CacheStatus":"CacheWrite"}', PriceDetails("write")),
        ('{"x_CacheStatus":"Hit"}', PriceDetails("read")),
        ('{"x_CacheStatus":"Miss"}', PriceDetails("none")),
        ('{"x_CacheStatus":"Not cached"}', PriceDetails("none")),
        ('{"x_IsCached":true,"x_Direction":"Input"}', PriceDetails("read", "input")),
        ('{"x_IsCached":false,"x_Direction":"Output"}', PriceDetails("", "output")),
        ('{"x_IsCacheRead":false,"x_IsCacheWrite":true}', PriceDetails("write")),
        ('{"x_TokenType":"cached_input"}', PriceDetails("read", "input")),
        ('{"x_TokenType":"cache_creation_input_tokens"}', PriceDetails("write", "input")),
        ('{"x_TokenType":"Output","x_Model":"claude-sonnet-4-5"}', PriceDetails("", "output", "claude-sonnet-4-5")),
        ('{"x_cache_status":"cacheread"}', PriceDetails("read")),
        ('{"x_TokenType":"CACHEWRITE1H"}', PriceDetails("write", lives_an_hour=True)),
        ('{"x_kind":"outputtokens"}', PriceDetails("", "output")),
        ('{"x_Tokens":{"Cache":"read"}}', PriceDetails("read")),
        ("{'x_CacheStatus': 'CacheRead'}", PriceDetails("read")),
        ('{"x_PromptCaching":"Enabled","x_CacheTTL":"1h","CoreCount":4}', PriceDetails(lives_an_hour=True)),
        ('{"x_InputRegion":"Output"}', PriceDetails()),
        ("", PriceDetails()),
        ("CANARY", PriceDetails()),
        ('["CacheRead"]', PriceDetails()),
        ('{"x_CacheStatus":', PriceDetails()),
        ('{"x_ServiceTier":"priority","x_TokenType":"output"}', PriceDetails("", "output", service_tier="priority")),
        ('{"InferenceMode":"Batch","TokenType":"Input"}', PriceDetails("", "input", service_tier="batch")),
        ('{"x_TokenType":"cache_write","x_CacheDuration":"60 minutes"}', PriceDetails("write", lives_an_hour=True)),
        ('{"x_TokenType":"cache_write","x_CacheDuration":"5m"}', PriceDetails("write")),
        ('{"x_TokenType":"input","Region":"us-1h"}', PriceDetails("", "input")),
    ],
)
def test_words_in_the_details_give_cache_direction_and_model(text: str, expected: PriceDetails) -> None:
    assert price_details(text) == expected
