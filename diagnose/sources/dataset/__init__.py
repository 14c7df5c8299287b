"""The data set a config would train on: which files the trainer takes, what they contain, and their captions."""
