"""One pure file a source: what it sends, its quirks, and how it is normalised. `registry` puts them in order.

Each source has one canonical signal; its other signals tell the same tokens again and are acknowledged and dropped. A
service of which it cannot be known which signals it sends is counted by the fullest of them: see tallies.
"""
