"""The folioctl command."""
