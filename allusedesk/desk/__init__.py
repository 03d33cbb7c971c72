"""What is seen and touched: windows, docks and dialogs over pictures of the engine.

Screens show and ask; they never decide, and never compute for the engine. Only immutable values
cross the bridge between the two threads.
"""
