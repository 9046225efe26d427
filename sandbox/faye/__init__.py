"""A realtime service on loopback: a Bayeux server that behaves as Faye does."""

from .server import FayeOptions, FayeServer, http_publisher

__all__ = ["FayeOptions", "FayeServer", "http_publisher"]
