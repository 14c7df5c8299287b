"""The knowledge of a folder by itself, without the rules that need it."""

from pathlib import Path

from diagnose.rulebase.base_files import read_folder
from diagnose.rulebase.faults import error_of
from diagnose.rulebase.knowledge import Knowledge
from diagnose.rulebase.reading.knowledge_files import read_knowledge


def load_knowledge(folder: Path) -> Knowledge:
    """Read it; any fault is an error."""
    files, faults = read_folder(folder)
    knowledge, _, more = read_knowledge(folder, files)
    if faults or more:
        raise error_of([*faults, *more])
    return knowledge
