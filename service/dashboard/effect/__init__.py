"""Does it ship more?: what agents did to merged, released and unreverted pull requests, or what would have shown."""
