"""Facts about the data set itself: what the trainer takes of it, whether it decodes, moves and is described."""
