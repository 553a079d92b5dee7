"""The shape of a request handler."""

from collections.abc import Callable

from reconciler.simgateway.client import Client
from reconciler.simgateway.gateway import Gateway
from reconciler.simgateway.wire.requests import Request

Handler = Callable[[Gateway, Client, Request], None]
"""Answers one request. Lets MalformedRequestError pass; the session answers that."""
