"""The tests. A package, because a dependency installs a top-level `tests` of its own that would hide this one."""
