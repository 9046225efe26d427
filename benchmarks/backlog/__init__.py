"""What a full outbox costs: time of the store's transactions, and memory."""
