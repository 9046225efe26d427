"""The domain: what happened in the workspace, and what is to be said about it in which room.

Pure: no clock, no network, no Discord. Import the modules; this package re-exports nothing, so
that its light parts can be had without pydantic.
"""
