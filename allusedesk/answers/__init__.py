"""What the desk says when asked: plain English in, sentences with entry numbers out.

Nothing here can trade: it reads the record and asks the risk engines, and knows no other door.
"""
