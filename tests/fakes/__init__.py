"""Fakes of the ports, for tests whose subject is something else. Each passes the contract suite of its port."""
