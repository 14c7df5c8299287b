import pytest

from diagnose.sources.console.doubled import undoubled


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b"ValueErrorValueError: : no roomno room", b"ValueError: no room"),
        (b"KeyboardInterruptKeyboardInterrupt", b"KeyboardInterrupt"),
        (b"ExceptionException: : Job stoppedJob stopped", b"Exception: Job stopped"),
        (
            b"torch.cudatorch.cuda..OutOfMemoryErrorOutOfMemoryError: : noneleft",
            b"torch.cuda.OutOfMemoryError: noneleft",
        ),
        (b"RuntimeErrorRuntimeError: : the first line of several", b"RuntimeError: the first line of several"),
        (b"KeyErrorKeyError: : 'a: : b''a: : b'", b"KeyError: 'a: : b'"),
        (b"ValueError: no room", b"ValueError: no room"),
        (b"KeyboardInterrupt", b"KeyboardInterrupt"),
        (b"AssertionError: a: : b", b"AssertionError: a: : b"),
        (b"", b""),
        (b"2222", b"2222"),
    ],
)
def test_an_error_is_read_as_it_was_meant(written: bytes, meant: bytes) -> None:
    assert undoubled(written) == meant
