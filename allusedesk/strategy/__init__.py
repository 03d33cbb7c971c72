"""What could be done: every way of making a proposal, the protocol first among them.

A strategy sees values and returns proposals; it can neither order nor approve.
"""
