"""The text of a console as it was meant, whichever program wrote it."""
