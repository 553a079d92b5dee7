"""The use-cases: observe, propose, authorize, apply, settle, recover. A shell around the pure planning functions.

It works through the Protocols of `ports.py` alone and knows no adapter. No threads; time comes from the event loop and
the Clock; every wait is bounded.
"""
