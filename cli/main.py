"""The entry point of `folioctl`. `--version` leaves before anything heavy is imported; all else is the Typer app's."""

import gc
import sys

from reconciler import __version__


def run() -> None:
    """Run the command line and exit."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"folioctl {__version__}\n")
        return
    from cli.app import main

    # A thousand manifests are a million objects that live to the end: looking for garbage among them, at Python's own
    # pace, takes longer than reading them.
    gc.set_threshold(500_000, 20, 100)
    sys.exit(main(sys.argv[1:]))
