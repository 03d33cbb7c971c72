"""What the book could lose: limits, value at risk and its record, stress, greeks, ways out.

What rests on the journal alone is measured here; what needs prices is handed in.
"""
