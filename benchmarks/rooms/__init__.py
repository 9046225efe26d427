"""Many rooms at once, under Discord's limit for all requests of a bot together."""
