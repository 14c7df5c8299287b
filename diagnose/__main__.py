"""`python -m diagnose` is the command."""

from diagnose.cli.main import entry

entry()
