"""`diagnose rules list|check|test|coverage|traps`: the rule base judged by itself, for those who write rules."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.cli.messages import printed
from diagnose.cli.progress import working
from diagnose.core.cache import default_cache
from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import knowledge_dir, rules_dir
from diagnose.rulebase.base import kept_rulebase
from diagnose.rulebase.crash_kinds import CRASHES
from diagnose.rulebase.rule import Rule

if TYPE_CHECKING:
    from diagnose.engine.cases import CaseResult
    from diagnose.rulebase.faults import Fault
    from diagnose.rulebase.reading.load import Reading

OK, FAULTY = 0, 1
LIST = "list"


def add_rules(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `rules`."""
    what = (LIST, *_COMMANDS)
    parser.add_argument("what", choices=what, metavar="|".join(what), help="what to do with them")
    parser.add_argument("--rules", metavar="DIR", type=Path, action="append", default=[], help="more rules")
    parser.set_defaults(run=rules)


def rules(options: argparse.Namespace) -> int:
    """Read our rules and the user's; unless they are at fault, do what was asked.

    Raises:
        DiagnoseError: a folder is missing or holds no rule.
    """
    folders = [rules_dir(), *options.rules]
    if options.what == LIST:
        try:
            return _list(kept_rulebase(folders, knowledge_dir(), cache=default_cache()).rules)
        except DiagnoseError:
            pass  # a fault of the rule base is shown as `check` shows it
    from diagnose.rulebase.reading.load import read_rulebase  # noqa: PLC0415 - loads pydantic; a sound list needs none

    reading = read_rulebase(folders, knowledge_dir())
    return _check(reading) if reading.faults else _COMMANDS[options.what](reading)


def _list(found: Iterable[Rule]) -> int:
    if sys.stdout.isatty():  # a program that reads the list needs no heading
        print("id      stage    severity  status        name: title")
    for rule in sorted(found, key=lambda rule: rule.id):
        severity = rule.severity.value if rule.severity else "-"
        print(f"{rule.id}  {rule.stage.value:<7}  {severity:<8}  {rule.status:<12}  {rule.name}: {rule.title}")
    return OK


def _check(reading: Reading) -> int:
    from diagnose.rulebase.lints.whole import contested_settings  # noqa: PLC0415 - a list needs no lints

    _print_faults(reading.faults)
    _print_faults(sorted(contested_settings(reading.files)), "note: ")
    knowledge = reading.knowledge
    known = f"{len(knowledge.facts)} facts, {len(knowledge.parameters)} parameters, {len(knowledge.claims)} claims"
    known += f", {_count(len(knowledge.crashes), 'kind')} of crashes" if knowledge.crashes else ""
    print(f"{_count(len(reading.parsed), 'rule')}, {known}: {_count(len(reading.faults), 'fault')}")
    return FAULTY if reading.faults else OK


def _test(reading: Reading) -> int:
    results = _run_cases(reading)
    wrong_texts = _test_kinds(reading)
    failures = [fault for result in results for fault in result.failures]
    dispensable = [fault for result in results for fault in result.dispensable]
    undecided = [fault for result in results for fault in result.undecided]
    _print_faults([*failures, *dispensable, *undecided])
    cases = sum(len(result.rule.cases) for result in results)
    parts = sum(len(result.needed) for result in results)
    limits = sum(len(result.limits) for result in results)
    print(
        f"{_count(len(results), 'rule')}, {_count(cases, 'case')}: {len(failures)} failed; "
        f"{len(dispensable)} of {_count(parts, 'condition')} not shown to be needed; "
        f"{len(undecided)} of {_count(limits, 'limit')} without a case at it"
    )
    return FAULTY if failures or dispensable or undecided or wrong_texts else OK


def _test_kinds(reading: Reading) -> bool:
    """Try the texts of the kinds of crashes; return whether any turned out wrong."""
    from diagnose.crashes.kind_cases import failed_texts  # noqa: PLC0415 - for this command only

    kinds = reading.knowledge.crashes
    if not kinds:
        return False
    faults = [
        reading.documents[f"{CRASHES}/{kind.id}.yaml"].fault(path, text)
        for kind, path, text in failed_texts(kinds, reading.knowledge.phases)
    ]
    _print_faults(faults)
    texts = sum(len(kind.match) + len(kind.near_misses) for kind in kinds.values())
    print(f"{_count(len(kinds), 'kind')} of crashes, {_count(texts, 'text')}: {len(faults)} failed")
    return bool(faults)


def _coverage(reading: Reading) -> int:
    from diagnose.rulebase.coverage import claim_uses, kinds_of_case  # noqa: PLC0415 - for this command only

    results = _run_cases(reading)
    uses = claim_uses((result.rule for result in results), reading.knowledge)
    for claim, places in uses.items():
        print(f"{claim:<8}  {', '.join(places) or 'not used'}")
    print(f"{sum(1 for places in uses.values() if places)} of {_count(len(uses), 'claim')} used")
    traps = reading.knowledge.traps.values()
    if traps:
        print(f"{sum(1 for trap in traps if trap.rules)} of {_count(len(traps), 'trap')} seen by a rule")
    for result in results:
        _print_rule(result)
    whole = sum(all(kinds_of_case(result.rule).values()) and not result.undecided for result in results)
    of = _count(len(results), "rule")
    print(f"\n{whole} of {of} with a case that fires, is silent, is unknown, and one at each limit")
    return OK


def _print_rule(result: CaseResult) -> None:
    """One rule: its kinds of case, then each condition and each limit with the case that exercises it."""
    from diagnose.rulebase.coverage import kinds_of_case, worded  # noqa: PLC0415 - as above
    from diagnose.rulebase.faults import dotted  # noqa: PLC0415 - as above

    kinds = ", ".join(f"{kind} {number}" for kind, number in kinds_of_case(result.rule).items())
    print(f"\n{result.rule.id}  {result.rule.name}: {kinds}")
    for what, shown in (("needed", result.needed), ("limit", result.limits)):
        for path, case in shown:
            print(f"  {what:<6}  {dotted(path):<24}  {worded(result.rule, path)}: {case or 'no case'}")


def _traps(reading: Reading) -> int:
    ids = {file.rule.name: file.rule.id for file in reading.files}
    traps = reading.knowledge.traps.values()
    for trap in traps:
        print(f"{trap.number:>2}  {trap.says}")
        for name in trap.rules:
            print(f"      {ids[name]}  {name}")
        if trap.unseen is not None:
            print(f"      not seen: {trap.unseen}")
    print(f"{sum(1 for trap in traps if trap.rules)} of {_count(len(traps), 'trap')} seen by a rule")
    return OK


_COMMANDS: Mapping[str, Callable[[Reading], int]] = {
    "check": _check,
    "test": _test,
    "coverage": _coverage,
    "traps": _traps,
}


def _run_cases(reading: Reading) -> tuple[CaseResult, ...]:
    from diagnose.engine.cases import run_cases  # noqa: PLC0415 - a list needs no engine
    from diagnose.engine.infer import infer  # noqa: PLC0415 - as above
    from diagnose.verdict.build_findings import graded_severity  # noqa: PLC0415 - as above

    # The matcher is what the engine is held to, and needs no process of its own for each of some thousand cases.
    with working("testing the rules"):
        return run_cases(reading.files, partial(infer, engine="matcher"), graded_severity)


def _print_faults(faults: Iterable[Fault], mark: str = "") -> None:
    for fault in faults:
        print(printed(f"{_shown(fault.file)}:{fault.line}: {mark}{fault.text}"))


def _shown(file: str) -> str:
    """The path from the user's folder, if the file is in it."""
    path = Path(file)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else file


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
