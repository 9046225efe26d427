"""A realtime service on loopback: a Bayeux server that behaves as Faye does."""

from .external import http_publisher
from .server import FayeOptions, FayeServer

__all__ = ["FayeOptions", "FayeServer", "http_publisher"]
