"""What happened: an append-only record in SQLite, chained by hashes.

It imports the domain only and reads no clock, so it can be opened and verified by itself.
"""
