"""The doors through which quotes come in.

A vendor's types end here; what leaves is made of the domain's words and plain columns.
"""
