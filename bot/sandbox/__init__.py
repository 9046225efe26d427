"""Everything the bot talks to, on loopback: for the demo and for tests."""
