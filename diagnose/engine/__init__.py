"""Matching rules against facts: a plain-Python matcher, and durable-rules as its second reader (`durable`)."""
