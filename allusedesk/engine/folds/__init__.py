"""How each kind of recorded fact changes what the engine knows; `fold` is the table of contents.

A fold is pure, and nothing else makes a new state.
"""
