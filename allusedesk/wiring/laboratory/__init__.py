"""The laboratory at work: trials, runs, studies and projections, begun, kept and shown.

Whatever the laboratory does with files, clocks and processes is done here.
"""
