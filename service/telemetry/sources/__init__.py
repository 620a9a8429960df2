"""One pure module per source: what it sends, its quirks, and how to normalise it. `registry` puts them in order.

Each source has one canonical signal. Its other signals repeat the same tokens; they are acknowledged and dropped. If it
is unknown which signals a service sends, the most complete one counts: see tallies.
"""
