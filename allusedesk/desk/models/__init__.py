"""Models that are no tables: trees over immutable values.

Tables have `desk.table_model`, which is shared by all of them.
"""
