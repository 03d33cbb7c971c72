"""What the past suggests of the coming week, with how good such words have been; advice only.

Nothing that decides may import it, and what it says is recorded before anybody is shown it.
"""
