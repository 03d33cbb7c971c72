"""A week on paper: condition, trades, outcomes, levels, money, and what comes next.

Every figure is read from the journal of that week alone.
"""
