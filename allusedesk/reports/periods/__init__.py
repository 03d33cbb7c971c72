"""Months, quarters and years: returns, week types, what profit came from, and what was planned.

Whole weeks are told by their labels, days by their marks.
"""
