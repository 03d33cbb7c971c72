"""Pictures that panels and dialogs share. Each makes its items once and is then handed values.

None of them computes a figure: what is drawn was computed by the engine.
"""
