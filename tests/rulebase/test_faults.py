from diagnose.rulebase.faults import Fault, dotted, error_of


def test_faults_are_listed_once_by_file_and_line() -> None:
    faults = [Fault("b", 2, "x"), Fault("a", 10, "y"), Fault("a", 9, "z"), Fault("b", 2, "x")]
    assert str(error_of(faults)).splitlines() == [
        "the rule base cannot be used: 3 faults",
        "a:9: z",
        "a:10: y",
        "b:2: x",
    ]


def test_one_fault_is_one() -> None:
    assert str(error_of([Fault("a", 1, "x")])) == "the rule base cannot be used: 1 fault\na:1: x"


def test_a_key_is_cut_to_what_a_line_bears() -> None:
    assert dotted(("when", 0, "fact")) == "when[0].fact"
    assert dotted(("x" * 70_000, "y")) == f"{'x' * 60}....y"
