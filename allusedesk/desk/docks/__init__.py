"""The panels of the main window, one module each, and the catalogue that lists them.

A panel shows pictures and asks through commands; it computes nothing for the engine.
"""
