"""Questions about a journal, one function each, for screens, reports and the command line.

They read the read side or the entries themselves, and write nothing.
"""
