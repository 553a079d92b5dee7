"""The fault matrix: every quirk of the simulated gateway, in every phase of an apply of two batches.

How each cell ends is stated by hand in `stated/`, and measured on the parts of `tests/simulation/`: the engine, the
adapter with the real client library, the journal and the gateway, in one process and on virtual time. The gateway's
ledger is the judge. `docs/faults.md` has the table; `python -m tests.matrix` prints what is measured beside it.
"""
