"""What log, console and optimizer show."""
