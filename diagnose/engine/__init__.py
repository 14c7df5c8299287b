"""Matching rules against facts: durable-rules behind an adapter, and a plain-Python matcher beside it."""
