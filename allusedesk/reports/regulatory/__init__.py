"""What an examiner asks for: every order, approval, execution, breach and change of rules.

The pack puts all of it in one file, with the sum of each part.
"""
