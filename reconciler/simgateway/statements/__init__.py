"""Statements: what is told of accounts, and when."""
