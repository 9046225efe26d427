"""REST v10: one module per part of Discord's API, each with its routes."""
