"""Interactive Brokers: the Broker port over TWS or IB Gateway.

The rule of this room: nothing of the broker library leaves it. Of the library only the wire is used (socket, framing,
decoder); its order book, its caches and its throttle are not, because they mark live orders cancelled, take a read
without its END for an empty one, and send in bursts. What the gateway says becomes a value in `messages.py`, every
number through `translate.py`, and every read ends by its END marker or is Unknown.
"""
