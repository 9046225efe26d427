"""The reference host: what a third party would write around the plugin."""
