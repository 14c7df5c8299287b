"""What the previews of a run show of its motion, measured."""
