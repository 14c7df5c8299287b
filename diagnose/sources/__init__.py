"""Readers: files in, values with their places out. No judgement, no arithmetic."""
