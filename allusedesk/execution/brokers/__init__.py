"""The doors through which orders go out and reports come back.

A vendor's types end here, and every broker answers the same few methods.
"""
