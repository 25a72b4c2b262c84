#!/usr/bin/env python3
"""Holds a built flowrun against the numbers and the error messages that the samples promise.

usage: check.py PATH/TO/flowrun [NAME ...]

Every file in expected/ names a graph in samples/ and says what must come out of it:

  values      what `run --fetch` gives
  gradients   what `grad --of <of>` gives
  parameters  the names and shapes that `check` lists
  published   losses by epoch and final predictions of a training run, from the publication that the graph names
  trained     what the reported values must reach on the validation data after training

Every file in errors/ holds one mistake; its first line says where it is reported, and under which id.
Graphs listed in skipped.txt are run too: one that passes has to leave the list.

Exit status 0 where everything agrees, 1 where something does not, 2 for a usage error. Standard library only.
"""

import json
import math
import re
import subprocess
import sys
import tempfile
from pathlib import Path

CONTRACT = Path(__file__).resolve().parent
PROJECT = CONTRACT.parent.parent

EXACT_DTYPES = {"f64", "i64", "i32"}
TIGHT, LOOSE = 1e-9, 1e-5
PUBLISHED_LOSS = 1e-12
PUBLISHED_DIGITS = 5.1e-9
BAD_INPUT = 65


class Mismatch(Exception):
    """The program's answer is not what was expected."""


class Program:
    """The flowrun under test, run in a scratch folder of its own for every call."""

    def __init__(self, path):
        self.path = Path(path).resolve()

    def call(self, *arguments, seconds=300):
        with tempfile.TemporaryDirectory() as scratch:
            command = [str(self.path), *map(str, arguments)]
            try:
                return subprocess.run(command, cwd=scratch, capture_output=True, text=True, timeout=seconds)
            except subprocess.TimeoutExpired:
                raise Mismatch(f"'{arguments[0]}' took more than {seconds} s") from None

    def json(self, *arguments):
        """What the command prints with --json, once it has left with 0."""
        done = self.call(*arguments, "--json")
        if done.returncode != 0:
            raise Mismatch(f"'{arguments[0]}' left with {done.returncode}: {done.stderr.strip()[:300]}")
        return done.stdout

    def answer(self, *arguments):
        """The one JSON value on stdout, which may be spread over lines."""
        return parse(self.json(*arguments), arguments[0])

    def events(self, *arguments):
        """The JSON values on stdout, one a line."""
        return [parse(line, arguments[0]) for line in self.json(*arguments).splitlines() if line.strip()]


def parse(text, command):
    try:
        return json.loads(text)
    except ValueError:
        raise Mismatch(f"'{command} --json' printed something that is not JSON: {text[:80]!r}") from None


def numbers(data):
    """All numbers of a nested list, in order; the strings for nan and the infinities included."""
    if not isinstance(data, list):
        return [float(data)]
    return [number for part in data for number in numbers(part)]


def compare_tensor(label, actual, expected):
    if list(actual["shape"]) != list(expected["shape"]):
        raise Mismatch(f"{label} has shape {actual['shape']}, expected {expected['shape']}")
    tolerance = TIGHT if actual["dtype"] in EXACT_DTYPES else LOOSE
    compare_numbers(label, numbers(actual["data"]), numbers(expected["data"]), tolerance)


def compare_numbers(label, actual, expected, tolerance):
    """Each number to a relative tolerance; those near zero are measured against the largest of the tensor."""
    if len(actual) != len(expected):
        raise Mismatch(f"{label} has {len(actual)} numbers, expected {len(expected)}")
    floor = 1e-3 * max([abs(number) for number in expected], default=0.0)
    for index, (found, wanted) in enumerate(zip(actual, expected)):
        allowed = tolerance * max(abs(wanted), floor, 1e-15)
        if not math.isfinite(found) or abs(found - wanted) > allowed:
            raise Mismatch(f"{label}, number {index}: {found!r}, expected {wanted!r}")


def check_values(program, graph, expected):
    wanted = expected["values"]
    outputs = program.answer("run", graph, "--fetch", ",".join(wanted))["outputs"]
    for name, tensor in wanted.items():
        compare_tensor(name, member(outputs, name, "outputs"), tensor)


def check_gradients(program, graph, expected):
    target, wanted = expected["of"], expected["gradients"]
    answer = program.answer("grad", graph, "--of", target, "--wrt", ",".join(wanted))
    for name, tensor in wanted.items():
        compare_tensor(f"d{target}/d{name}", member(answer["gradients"], name, "gradients"), tensor)


def check_parameters(program, graph, expected):
    listed = program.answer("check", graph)["parameters"]
    shapes = {name: parameter["shape"] for name, parameter in listed.items()}
    if shapes != expected["parameters"]:
        raise Mismatch(f"parameters {shapes}, expected {expected['parameters']}")


def check_published(program, graph, expected):
    table = expected["published"]
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder, "trained.h5")
        events = program.events("train", graph, "--checkpoint", checkpoint)
        losses = {event["epoch"]: event["report"]["loss"] for event in events if event["event"] == "epoch"}
        for epoch, wanted in table["losses"].items():
            found = member(losses, int(epoch), "epochs")
            if not abs(found - wanted) <= PUBLISHED_LOSS * wanted:
                raise Mismatch(f"loss at epoch {epoch}: {found!r}, published {wanted!r}")
        answer = program.answer("run", graph, "--weights", checkpoint, "--fetch", "prediction")
    found = numbers(answer["outputs"]["prediction"]["data"])
    wanted = numbers(table["prediction"])
    if len(found) != len(wanted) or not all(abs(a - b) < PUBLISHED_DIGITS for a, b in zip(found, wanted)):
        raise Mismatch(f"predictions {found}, published {wanted}")


def check_trained(program, graph, expected):
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder, "trained.h5")
        last = program.events("train", graph, "--checkpoint", checkpoint)[-1]
        if last["event"] != "done":
            raise Mismatch(f"training ended with the event {last['event']!r}")
        answer = program.answer("eval", graph, "--weights", checkpoint)
    if answer["rows"] != expected["trained"]["rows"]:
        raise Mismatch(f"evaluated on {answer['rows']} rows, expected {expected['trained']['rows']}")
    for name, least in expected["trained"]["at_least"].items():
        found = member(answer["report"], name, "report")
        if not found >= least:
            raise Mismatch(f"{name} is {found}, expected at least {least}")


CHECKS = {
    "values": check_values,
    "gradients": check_gradients,
    "parameters": check_parameters,
    "published": check_published,
    "trained": check_trained,
}


def member(container, key, label):
    if key not in container:
        raise Mismatch(f"'{key}' is missing from the {label}")
    return container[key]


def check_graph(program, file):
    """Runs every kind of check that the file of expected numbers asks for."""
    expected = json.loads(file.read_text())
    graph = PROJECT / expected["graph"]
    for kind, check in CHECKS.items():
        if kind in expected:
            check(program, graph, expected)


def check_error(program, file):
    """The file's one mistake is reported, alone, at its place and under its id, on stderr only."""
    place, identifier = file.read_text().splitlines()[0].lstrip("# ").split()[:2]
    done = program.call("check", file, seconds=60)
    if done.returncode != BAD_INPUT:
        raise Mismatch(f"exit status {done.returncode}, expected {BAD_INPUT}: {done.stderr.strip()[:200]}")
    if done.stdout.strip():
        raise Mismatch(f"printed on stdout: {done.stdout.strip()[:80]!r}")
    pattern = r"^\S.*?:(\d+:\d+): error: .* \[([a-z-]+)\]$"
    reported = re.findall(pattern, done.stderr, flags=re.MULTILINE)
    if reported != [(place, identifier)]:
        raise Mismatch(f"reported {reported or done.stderr.strip()[:200]!r}, expected {place} [{identifier}]")


def read_skipped(file):
    """Name and reason of each graph that is not held to its numbers yet."""
    rows = (line.split(maxsplit=1) for line in file.read_text().splitlines() if line.strip() and line[0] != "#")
    return {name: reason for name, reason in rows}


def cases(only):
    """Name, file and check of everything in this folder, or of the named part of it."""
    graphs = [(file.stem, file, check_graph) for file in sorted((CONTRACT / "expected").glob("*.json"))]
    errors = [(f"errors/{file.stem}", file, check_error) for file in sorted((CONTRACT / "errors").glob("*.flow"))]
    return [case for case in graphs + errors if not only or case[0] in only or case[1].stem in only]


def problem(program, file, check):
    """What is wrong, or None."""
    try:
        check(program, file)
    except Mismatch as mismatch:
        return str(mismatch)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        return f"an answer of another form than expected: {type(error).__name__} {error}"
    return None


def verdict(name, wrong, skipped):
    """What to print, and whether it counts as a failure; None where a skipped graph is not there yet."""
    if name in skipped:
        return ("remove from the skip list: it passes", True) if wrong is None else (skipped[name], None)
    return (wrong, wrong is not None)


def main(arguments):
    if not arguments or arguments[0].startswith("-"):
        print("usage: check.py PATH/TO/flowrun [NAME ...]", file=sys.stderr)
        return 2
    if not Path(arguments[0]).is_file():
        print(f"check.py: there is no program at '{arguments[0]}'; build it with 'make build'", file=sys.stderr)
        return 2
    program, chosen = Program(arguments[0]), cases(arguments[1:])
    if not chosen:
        print(f"check.py: nothing here is called {' or '.join(map(repr, arguments[1:]))}", file=sys.stderr)
        return 2
    skipped = read_skipped(CONTRACT / "skipped.txt")
    passed = failed = 0
    for name, file, check in chosen:
        text, is_failure = verdict(name, problem(program, file, check), skipped)
        if is_failure is None:
            print(f"skipped {name}: waits for {text}")
        elif is_failure:
            print(f"FAILED  {name}: {text}")
        passed += is_failure is False
        failed += is_failure is True
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
