"""Questions to the person at the desk, one module each, and never one that stops the rest.

They open without a loop of their own, have no default button, and tell what they found by signal.
"""
