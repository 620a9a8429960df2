"""How much to ask of a forge at once: GitHub gives up on queries that take it longer than ten seconds."""

LEAST = 5
# After so many pages that came through, more is tried again.
PATIENCE = 8


class PageSize:
    """Halves when an answer does not come, and doubles back after a while."""

    def __init__(self, most: int) -> None:
        self.now = most
        self._most = most
        self._good = 0

    def failed(self) -> None:
        """No answer came; ask for less next time."""
        self.now, self._good = max(self.now // 2, min(LEAST, self._most)), 0

    def came(self) -> None:
        """A page came."""
        self._good += 1
        if self._good >= PATIENCE:
            self.now, self._good = min(self.now * 2, self._most), 0
