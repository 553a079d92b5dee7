"""The books: what is entered in an account, and by which rules."""
