"""The journal: what must survive a crash. The only room that knows SQLAlchemy and Alembic.

The rule: one method is one transaction, and a method that writes returns when its rows are on disk. Accounts stand here
by their aliases; no account id, balance or secret is a column.
"""
