"""`python -m cli` is `folioctl`."""

from cli.main import run

run()
