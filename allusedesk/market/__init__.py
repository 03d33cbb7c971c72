"""What the market says: calendars, prices, indicators, chains and the board of quotes.

The modules of this folder are pure. The outside world enters through feeds and archive only,
and nothing here may know a rule of the protocol.
"""
