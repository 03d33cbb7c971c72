"""Whether the protocol reaches its targets on real prices: what is tried, its figures, its page.

The trials themselves are the laboratory's; nothing here runs one.
"""
