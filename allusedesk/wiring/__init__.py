"""The only place that chooses the doors.

What a rehearsal, a paper desk and a demonstration are made of is said here, and they differ
nowhere else. No decision of trading may enter.
"""
