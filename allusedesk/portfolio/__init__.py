"""What is held and what it is worth.

Marks come from the market and rules from the protocol; no proposal is made here.
"""
