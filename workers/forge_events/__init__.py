"""What forges' webhooks say, without people: pure parsers, one small file an event, from JSON to plain facts."""
