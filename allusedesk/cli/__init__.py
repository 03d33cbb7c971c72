"""The desk without a screen: one command per module.

A command gathers its options, calls what the engine calls, and prints a plain answer.
"""
