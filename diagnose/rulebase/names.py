"""How names are spelled and how long texts may be, in every file of a rule base."""

from __future__ import annotations

MAX_TEXT = 4096
"""Longest text; the engine compares texts exactly up to here."""
MAX_TITLE = 72
MAX_WHOLE = 2**53
"""Whole numbers beyond it are not exact in a double, which is what the engine compares."""

RULE_NAME = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
WORD = r"[a-z][a-z0-9_]{0,79}"
FACT_NAME = rf"{WORD}(?:\.{WORD}){{0,7}}"
CLAIM_ID = r"[A-Z]{2,4}-[0-9]{2}"
