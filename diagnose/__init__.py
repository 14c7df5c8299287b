"""Reads LoRA training runs, says what went wrong and how it knows, and writes the next config."""
