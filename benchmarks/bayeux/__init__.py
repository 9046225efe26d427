"""Measures the realtime client beside other Bayeux clients, all in one run."""
