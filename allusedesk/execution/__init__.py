"""How an approved proposal is carried out: ticket, last look, order life, reconciliation.

The modules of this folder are pure; venues are reached through brokers only.
"""
