"""One file for each command: parse, call, show, exit code. Nothing is decided here, and heavy imports are lazy."""
