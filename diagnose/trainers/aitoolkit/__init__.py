"""ai-toolkit and its fork with learning rates per expert: how their files are read, and what they make of a config."""
