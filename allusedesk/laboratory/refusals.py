"""What the laboratory refuses, each in one plain sentence."""

from __future__ import annotations


class TrialImpossible(Exception):
    """Too little, too even or contradictory material for a figure; says what to give instead."""
