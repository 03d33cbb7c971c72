"""What would be if: legs, batches, chains and the whole book, reckoned for screens.

Everything here reads the desk's state and decides nothing.
"""
