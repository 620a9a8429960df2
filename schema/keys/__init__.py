"""The secret keys that seal stored values, from settings or from a file whose keys a key service unwraps."""
