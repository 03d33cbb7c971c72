"""One step, one loop, one clock: the place where entries become decisions.

The step is pure; the clock, the inbox and the loop stand around it and hand it everything.
"""
