"""What would have happened: backtests of the very desk that trades, searches and their doubts.

Everything here works on values. The run itself is handed in by the wiring, and the libraries that
spread work over processes and machines stay behind one module.
"""
