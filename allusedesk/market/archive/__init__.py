"""The door to imported history on disk.

Columns are mapped into memory and never parsed twice; nothing here decides anything.
"""
