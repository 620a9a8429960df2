"""Pure parsers that turn webhook payloads into facts without people, one file per event."""
