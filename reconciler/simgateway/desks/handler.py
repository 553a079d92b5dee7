"""The shape of a request handler."""

from collections.abc import Callable

from reconciler.simgateway.broker import Broker
from reconciler.simgateway.client import Client
from reconciler.simgateway.wire.fields import Request

Handler = Callable[[Broker, Client, Request], None]
"""Answers one request. Lets MalformedRequestError pass; the session answers that."""
