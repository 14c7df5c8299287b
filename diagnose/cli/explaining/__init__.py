"""What `diagnose explain` says about each kind of thing, as lines of plain text."""
