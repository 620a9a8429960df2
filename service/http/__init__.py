"""The fast path of HTTP: optimizations that every request uses. README.md has the measurements."""
