"""What the config says and what a trainer makes of it."""
