"""How a statement and the handbook become PDF: pages, type, tables and charts.

The same statement gives the same bytes.
"""
