"""The next run: what to change, the config or configs with it, and what they come to."""
