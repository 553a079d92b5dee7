"""Deterministic simulation: weeks of folioctl and its gateway in one process, on virtual time, by one seed.

What runs is real: the engine, the IB adapter with the broker library, the SQL journal on disk, the documents of runs,
and the simulated gateway. What is replaced is time (a loop that never waits), the network (connections in memory that
are late, cut and frozen), and chance. A process is killed at any write of its journal, any message, or any moment.

The judge is the gateway's ledger, never our own log. `python -m tests.simulation --seed 1` runs one life and prints
what replays it; `chance` says where a draw comes from, `life` what can happen in a day, `judge` what must hold.

    chance     streams of chance from one seed
    network    the event loop, and lines that are late, frozen and cut
    process    a process that can be killed: its moments, its tasks, its connections
    trace      what happened, line by line, and its digest
    market     the scenario that the gateway serves, and the manifests' account
    world      what outlives a process: gateway, journal, reports, lock, time
    commands   what a person or a schedule runs: apply, a saved plan, status, resume, resolve
    weather    the faults of one session
    person     what happens between sessions: money, prices, manifests, trades by hand
    orders     our orders and what-ifs, read off the wire
    breaches   promises that did not hold
    judge      the promises while sessions run, held against the wire and the gateway's ledger
    reckoning  the ledger added up, at the end of each day and of the life
    life       days of sessions, and a calm end
    planted    bugs that must be found
"""
