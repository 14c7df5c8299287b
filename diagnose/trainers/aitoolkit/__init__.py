"""ai-toolkit, upstream and the fork with learning rates per expert: how their files are named and read."""

ROOM = "aitoolkit"
"""What the descriptions of its trainers call it."""
UPSTREAM, FORK = "ai-toolkit", "ai-toolkit-relaxis"
