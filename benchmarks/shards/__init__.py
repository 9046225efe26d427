"""A bot in thousands of servers, told of them by several connections."""
