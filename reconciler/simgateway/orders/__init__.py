"""Orders: what a client asks for, whether it can be taken, at which price it fills, and how it stands."""
