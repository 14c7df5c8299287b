"""How long a short command takes, beside the import of yaml and pydantic in the same minute.

    python tests/bench/bench_front_door.py [ROUNDS]

The median of some rounds (default 9), with byte code written before the first of them; a line for each command.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "tests" / "runs" / "data" / "fork-frozen" / "config.yaml"
YARDSTICK = ["-c", "import yaml, pydantic"]
COMMANDS = {
    "import yaml, pydantic": YARDSTICK,
    "--version": ["-m", "diagnose", "--version"],
    "--help": ["-m", "diagnose", "--help"],
    "explain RULE": ["-m", "diagnose", "explain", "LRN001"],
    "rules list": ["-m", "diagnose", "rules", "list"],
    "preflight": ["-m", "diagnose", "preflight", str(CONFIG), "--fail-on", "never"],
}


def seconds(arguments: list[str], environment: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL, check=True, cwd=ROOT)
    return time.perf_counter() - start


def main(rounds: int) -> None:
    """Print the medians; the rounds go around all commands, so that a busy moment meets each of them."""
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = str(ROOT)
    for arguments in COMMANDS.values():
        seconds(arguments, environment)
    taken = [{name: seconds(arguments, environment) for name, arguments in COMMANDS.items()} for _ in range(rounds)]
    yardstick = median(each["import yaml, pydantic"] for each in taken)
    for name in COMMANDS:
        middle = median(each[name] for each in taken)
        print(f"{name:<24}{middle:6.3f} s  {middle / yardstick:5.2f} x")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
