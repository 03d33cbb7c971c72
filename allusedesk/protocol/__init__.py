"""What the rulebook says: pure functions over rules and values.

The stage imports the domain alone, so a decision can be checked against the paper. Prices,
files and clocks may not enter; whatever must be computed elsewhere arrives as a value.
"""
