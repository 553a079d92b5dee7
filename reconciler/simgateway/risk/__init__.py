"""The risk desk: watches margin by prices and by the clock, warns, and liquidates."""
