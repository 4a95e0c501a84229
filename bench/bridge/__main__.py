"""The Pi bridge beside a raw paho script and mqtt-io, in interleaved rounds of one run.

Every target drives the same simulated pins, on the same broker, and lives through the
whole run; one is asked at a time. QoS 0, TCP_NODELAY, one command in flight.
"""

import argparse
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
import random
import tempfile
import time

from . import programs, report
from .controller import Controller
from .stamped_pins import Stamps
from .targets import PINS, Bridge, MqttIo, Raw, Target

WARM_UP = 50
TIMER_S = 0.5
IDLE_S = 20.0
BUSY_LOOPS = 4


@dataclass(kw_only=True)
class Subject:
    """A running target and what was measured of it: a list a round, by measure."""

    target: Target
    pid: int
    stamps: Stamps
    found: dict[str, list[list[float]]] = field(default_factory=dict)

    def note(self, measure: str, values: list[float]) -> None:
        """Keep one round's values."""
        self.found.setdefault(measure, []).append(values)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="script/bench --bridge", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--samples", type=int, default=400, help="of each a round")
    parser.add_argument("--timers", type=int, default=40, help="of each a round")
    parser.add_argument("--idle-seconds", type=float, default=IDLE_S)
    options = parser.parse_args()
    made = tempfile.TemporaryDirectory(prefix="bridge-bench-")
    with ExitStack() as stack:
        directory = Path(stack.enter_context(made))
        port = stack.enter_context(programs.broker(directory))
        targets: list[Target] = [Bridge(), Raw(), MqttIo()]
        controller = Controller(port, targets)
        subjects = []
        for target in targets:
            started = programs.started(target, directory, port)
            pid, stamps = stack.enter_context(started)
            subjects.append(Subject(target=target, pid=pid, stamps=stamps))
        for target in targets:
            controller.wait(target.is_ready, f"{target.name} is ready")
        measure(controller, subjects, options)
    report.print_all({each.target.name: each.found for each in subjects})


def measure(
    controller: Controller, subjects: list[Subject], options: argparse.Namespace
) -> None:
    """Take all rounds, then what a resting target costs."""
    for subject in subjects:
        latencies(controller, subject, WARM_UP)
        subject.found.clear()
    for number in range(options.rounds):
        print(f"round {number + 1} of {options.rounds}", flush=True)
        for subject in random.sample(subjects, len(subjects)):
            latencies(controller, subject, options.samples)
        for subject in random.sample(subjects, len(subjects)):
            overruns(controller, subject, options.timers, "overrun, idle, ms")
        with programs.busy_loops(BUSY_LOOPS):
            for subject in random.sample(subjects, len(subjects)):
                overruns(controller, subject, options.timers, "overrun, busy, ms")
    before = [programs.cpu_s(subject.pid) for subject in subjects]
    controller.listen(options.idle_seconds)
    for subject, before_s in zip(subjects, before, strict=True):
        used_s = programs.cpu_s(subject.pid) - before_s
        subject.note("idle CPU, %", [100 * used_s / options.idle_seconds])
        subject.note("memory, MiB", [programs.resident_mib(subject.pid)])


def latencies(controller: Controller, subject: Subject, samples: int) -> None:
    """Time ON commands, from before they are sent, on one pin after the other."""
    to_pin, to_state = [], []
    for number in range(samples):
        pin = PINS[number % len(PINS)]
        controller.forget(subject.target, pin)
        began_s = controller.send(*subject.target.on(pin, None))
        told_s = controller.wait_level(subject.target, pin, high=True)
        to_pin.append((subject.stamps.read(pin)[0] - began_s) * 1000)
        to_state.append((told_s - began_s) * 1000)
        controller.send(*subject.target.off(pin))
        controller.wait_level(subject.target, pin, high=False)
        controller.settle(subject.target)
    subject.note("to pin, ms", to_pin)
    subject.note("to state, ms", to_state)


def overruns(
    controller: Controller, subject: Subject, timers: int, measure: str
) -> None:
    """Time runs of half a second, all pins at once, on the pins themselves."""
    late = []
    for _ in range(-(-timers // len(PINS))):
        for pin in PINS:
            controller.forget(subject.target, pin)
            controller.send(*subject.target.on(pin, TIMER_S))
            controller.wait_level(subject.target, pin, high=True)
        for pin in PINS:
            controller.wait_level(subject.target, pin, high=False)
            rose_s, fell_s = subject.stamps.read(pin)
            late.append((fell_s - rose_s - TIMER_S) * 1000)
        controller.settle(subject.target)
        time.sleep(random.uniform(0, 0.05))
    subject.note(measure, late)


if __name__ == "__main__":
    main()
