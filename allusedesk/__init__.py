"""ALL-USE Desk: the ALL-USE options protocol as a desk that decides, records and replays.

The folders are the stages of the flow, and a stage imports only what lies upstream of it.
"""
