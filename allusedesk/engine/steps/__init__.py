"""What follows from each kind of input; `step` is the table of contents.

Facts and wishes go into a draft, and nothing here touches a door.
"""
