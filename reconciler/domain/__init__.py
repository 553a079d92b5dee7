"""Values: what a portfolio, an account, a plan and an order are.

Standard library only. No I/O, no clock, no chance, no vendor: every value here can be built in a test by naming its
fields, compared, and kept. Money is Decimal with its currency; ids are NewTypes; what is not known is `Unknown`.
"""
