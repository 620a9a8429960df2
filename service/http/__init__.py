"""The fast path of HTTP: what saves time for every request, and what each part gained (README.md)."""
