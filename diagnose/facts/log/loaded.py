"""Parts of the model whose file did not hold just their weights, by what the libraries print as they load it."""

from __future__ import annotations

from diagnose.facts.evidence import Evidence
from diagnose.facts.recorder import NONE, Recorder


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record `load.missing`, `load.unexpected` and `load.first` of each part of the model, and `load.adapter_off`.

    A console without a word of it may lack its start; only one that is whole says that nothing was missing.
    """
    console = evidence.readings.console
    if console is None or not console.sessions:
        return
    from diagnose.sources.console_text.loaded_keys import ADAPTER  # noqa: PLC0415 - a pre-flight has no console

    adapters = {ADAPTER, "network"}  # what is loaded on top of the model
    for each in console.loaded:
        if each.part in adapters:
            record.known("load.adapter_off", each.missing + each.unexpected, subject=each.part, places=[each.at])
        else:
            record.known("load.missing", each.missing, subject=each.part, places=[each.at])
            if each.unexpected:
                record.known("load.unexpected", each.unexpected, subject=each.part, places=[each.at])
        record.known("load.first", each.first, subject=each.part, places=[each.at])
    last = console.sessions[-1]
    if last.whole:
        told = {each.part in adapters for each in console.loaded}
        for name, adapter in (("load.missing", False), ("load.adapter_off", True)):
            if adapter not in told:
                record.known(name, 0, subject=NONE, places=[last.place(last.first_line)])
