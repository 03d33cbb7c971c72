"""A year of gains for Forms 8949 and 6781: an estimate, and it says so.

The rows are those of the forms; a person's adviser decides.
"""
