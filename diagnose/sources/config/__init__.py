"""The config as the trainer parses it, with the line of everything in it."""
