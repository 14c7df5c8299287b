"""What the checkpoints show."""
