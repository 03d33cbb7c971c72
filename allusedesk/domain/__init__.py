"""What things are: values and events, and nothing that acts.

Every stage speaks these words, so nothing but the standard library may enter here.
"""
