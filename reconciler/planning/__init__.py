"""Functions from what is wanted and what is there to a Plan, and from broker reports to an order's state.

Pure and synchronous: resolve → size → diff → batch → plan, the checks of the risk limits, and the fold of reports. The
clock and ids are arguments. No I/O, no chance, no vendor, no logging.
"""
