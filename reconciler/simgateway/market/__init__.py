"""The market: what can be traded, at which prices, and when."""
