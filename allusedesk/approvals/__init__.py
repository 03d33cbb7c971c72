"""Who allows it: the one place where a proposal may become an approval.

Refusals are values with their reason. Nothing downstream can make an approval of its own.
"""
