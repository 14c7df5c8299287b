"""Decode video files in child processes."""
