"""The errors in a text of a console: its tracebacks, each chain of them from cause to end, and what else failed.

A launcher that reports the end of its child is the cause only where nothing else is left of the text, and so is a
loader's process that hands on the error of another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from diagnose.sources.console_text.forms import HEADER, LONGEST_MESSAGE
from diagnose.sources.console_text.line import Line

CHAINS = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
"""What Python prints between an error and the one that followed from it."""
_SAID = re.compile(r"Error running job: (?P<message>.*)")
"""What a program says that it failed of, without the class of the error."""
_ERROR = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Failure)(?::|$)")
_ENOUGH = 200
"""Characters of what a program says by which its traceback is known."""
_WRAPPER = re.compile(
    r"subprocess\.CalledProcessError: Command .* returned non-zero exit status \d+"
    r"|torch\.distributed\.elastic\.\S+: |\w+: Caught \w+ in DataLoader worker process \d+"
)
"""The words of those that report another's end."""
_BOX = "│╰╭"
_BREAK = re.compile(r"={8,}|Result:$|Error running (?:job|on_error): |\S+ +\d+%\||Job process (?:exited|terminated)")
"""What is no part of a message."""


class Raised(Struct, frozen=True):
    """One error: its message, every line of it, and the frames of its traceback. `header` is its first line."""

    message: tuple[Line, ...]
    frames: tuple[Line, ...] = ()
    header: int | None = None

    @property
    def line(self) -> int:
        """The line of its class and the first words."""
        return self.message[0].number

    @property
    def text(self) -> str:
        """The whole message."""
        return "\n".join(line.text for line in self.message)

    @property
    def whole(self) -> str:
        """The frames and the message."""
        return "\n".join(line.text for line in (*self.frames, *self.message))

    @property
    def wrapper(self) -> bool:
        """Whether it only reports another's end."""
        return _WRAPPER.match(self.message[0].text) is not None


class Failure(Struct, frozen=True):
    """What failed: the errors from the cause to the end, and where the program says so itself."""

    chain: tuple[Raised, ...]
    said: Line | None = None

    @property
    def error(self) -> Raised:
        """The error that ended it."""
        return self.chain[-1]


def failure(lines: Sequence[Line], *, lone: bool = False) -> Failure | None:
    """Return what failed last in a text; None where nothing did.

    `lone`: a line that reads like the last one of a traceback counts without one, as in a text without its start.
    """
    found = list(tracebacks(lines))
    chains = [chain for chain in map(_causes, found) if chain] or found
    at = next((at for at in reversed(range(len(lines))) if _SAID.match(lines[at].text)), None)
    if at is not None:
        return _said(lines, at, chains)
    if chains:
        return Failure(chains[-1])
    alone = [line for line in lines if _ERROR.match(line.text)] if lone else []
    return Failure((Raised(tuple(_message(lines, lines.index(alone[-1])))),)) if alone else None


def _said(lines: Sequence[Line], at: int, chains: Sequence[tuple[Raised, ...]]) -> Failure:
    """Return what a program says that it failed of, with the traceback that it prints next.

    Where that one is cut off, and what is left of it speaks of another error, this was an earlier one of its chain.
    """
    said = lines[at]
    words = said.text.partition(": ")[2].strip()
    own = [chain for chain in chains if words and chain[-1].text.partition(": ")[2].startswith(words[:_ENOUGH])]
    if own:
        return Failure(own[-1], said)
    later = next((chain for chain in reversed(chains) if chain[-1].line > said.number), ())
    if later and not words:
        return Failure(later, said)
    told = Raised((Line(said.number, words), *_message(lines, at)[1:]))
    return Failure((*later, told), said)


def _causes(chain: Sequence[Raised]) -> tuple[Raised, ...]:
    """Return the errors of a chain without those that only report another's end; of wrappers alone nothing is left."""
    return tuple(each for each in chain if not each.wrapper)


def tracebacks(lines: Sequence[Line]) -> Iterator[tuple[Raised, ...]]:
    """Yield each chain of errors whose traceback is in a text, in order; one without its last line is left out."""
    chain: list[Raised] = []
    linked = False
    at = 0
    while at < len(lines):
        text = lines[at].text
        if text in CHAINS:
            linked = bool(chain)
        elif HEADER.match(text):
            raised, at = _read(lines, at)
            if raised is not None:
                inner = text.startswith("Original")
                if chain and not linked and not inner:
                    yield tuple(chain)
                    chain = []
                chain.insert(len(chain) - 1 if inner and chain else len(chain), raised)
                linked = False
            continue
        at += 1
    if chain:
        yield tuple(chain)


def _read(lines: Sequence[Line], header: int) -> tuple[Raised | None, int]:
    """Return the error whose traceback begins here, and where its text ends."""
    at = header + 1
    while at < len(lines) and (not lines[at].text.strip() or lines[at].text[0] in f" \t{_BOX}"):
        at += 1
    if at == len(lines) or HEADER.match(lines[at].text):
        return None, at
    message = _message(lines, at)
    return Raised(tuple(message), tuple(lines[header + 1 : at]), lines[header].number), at + len(message)


def _message(lines: Sequence[Line], at: int) -> list[Line]:
    """Return the lines of a message: up to the next traceback or bar, or to the second empty line in a row."""
    end = at + 1
    while end < min(len(lines), at + LONGEST_MESSAGE):
        text = lines[end].text
        if HEADER.match(text) or text in CHAINS or _BREAK.match(text):
            break
        if not text.strip() and not lines[end - 1].text.strip():
            break
        end += 1
    return list(lines[at:end])
