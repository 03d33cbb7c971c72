"""What is handed over: statements built from the journal, on paper and as columns.

A report reads and never decides; its figures are those of the record.
"""
