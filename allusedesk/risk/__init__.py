"""What a proposal could cost, and whether the limits bear it.

A judgement is a value with each figure beside its limit. No order and no approval is made here.
"""
