"""Turns the bytes of vendors' files into values, one module per layout.

Nothing here opens a file: bytes come in with the name to complain about, values and defects go
out. A file is read whole or refused whole; a row likewise.
"""
