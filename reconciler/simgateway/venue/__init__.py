"""The venue: takes orders, works them against the market, and posts what fills to the ledgers.

Rule: it tells what happens through its Listener, and knows neither clients nor the wire. What follows from an event
happens in a later turn of the loop than the event, as with the real one: an order is acknowledged before it fills.

`listener` who is told · `timing` what is said of an order's times · `gate` whether it may be worked now · `working`
when it fills · `executing` what a fill does · `endings` how it ends otherwise · `groups` and `attached` the orders tied
to it · `timetable` what comes by itself, at its time · `arrival` what may be done with an order.
"""

from reconciler.simgateway.venue.arrival import Venue
from reconciler.simgateway.venue.listener import Listener

__all__ = ["Listener", "Venue"]
