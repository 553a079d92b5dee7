"""The risk limits, one family a file. Each is a pure function from what is planned to Violations.

What only reduces risk is never blocked by a limit, and a violation that was there before the plan blocks only what
would make it worse (promise 6).
"""
