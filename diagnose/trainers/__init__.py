"""What each trainer is: one folder per family of trainers, found by being there."""
