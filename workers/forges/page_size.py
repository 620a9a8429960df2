"""Adaptive page size: GitHub aborts queries that take longer than ten seconds."""

LEAST = 5
# Successful pages before a larger size is tried.
PATIENCE = 8


class PageSize:
    """Halves after a failed page, and doubles again after several successes."""

    def __init__(self, most: int) -> None:
        self.now = most
        self._most = most
        self._good = 0

    def failed(self) -> None:
        """Record a failed page and use smaller ones."""
        self.now, self._good = max(self.now // 2, min(LEAST, self._most)), 0

    def succeeded(self) -> None:
        """Record a successful page."""
        self._good += 1
        if self._good >= PATIENCE:
            self.now, self._good = min(self.now * 2, self._most), 0
