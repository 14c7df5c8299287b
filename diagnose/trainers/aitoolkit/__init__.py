"""ai-toolkit, upstream and the fork with learning rates per expert: how their files are named and read."""

UPSTREAM, FORK = "ai-toolkit", "ai-toolkit-relaxis"
