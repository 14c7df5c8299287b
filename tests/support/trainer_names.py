"""The trainers that the tests speak of, by name."""

AI_TOOLKIT = "ai-toolkit"
"""Upstream."""
RELAXIS = "ai-toolkit-relaxis"
"""The fork with per-expert rates."""
BOTH = (AI_TOOLKIT, RELAXIS)
