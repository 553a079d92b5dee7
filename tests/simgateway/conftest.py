"""The broker's own client has an environment of its own, which `make ibapi` makes."""

import importlib.util

collect_ignore = [] if importlib.util.find_spec("ibapi") else ["test_ibapi.py"]
