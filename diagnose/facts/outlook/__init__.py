"""What the learning rates will do under some settings."""
