"""Whether everything is well: figures, the rules that hold them to limits, and who is told.

Figures are folded from entries and read off the engine. Nothing here decides a trade, and an
alert it raises is a recorded fact like any other.
"""
