"""A record in words: a sentence for each kind of entry, and what the rules' ids mean.

They are read on screens and in reports, and searched in.
"""
