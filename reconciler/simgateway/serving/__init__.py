"""Serving: sockets, a network in memory beside them, and a gateway inside the program that tests itself."""
