"""The folioctl library: target portfolios in Git, reconciled against an Interactive Brokers account."""

__version__ = "0.1.0"
