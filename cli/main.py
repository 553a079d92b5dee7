"""The entry point of `folioctl`. `--version` leaves before anything heavy is imported; all else is the Typer app's."""

import sys

from reconciler import __version__


def run() -> None:
    """Run the command line and exit."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"folioctl {__version__}\n")
        return
    from cli.app import main

    sys.exit(main(sys.argv[1:]))
