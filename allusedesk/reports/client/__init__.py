"""One account in plain words, for a person who has never traded an option.

No target, projection or trade word stands in it unexplained.
"""
