"""How the journal's schema came to be: numbered steps, forward only, shipped with the code and run when it opens."""
