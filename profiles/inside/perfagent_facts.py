"""Looks into the calls of some functions while the workload runs.

Every call is counted; calls are looked into (arguments, time, what they change, return or raise)
only as long as that leaves the workload at about half its pace, and counting stops where counting
alone would cost more than that (`perfagent_budget`). From CPython 3.12 on the interpreter tells of
the calls (`perfagent_events`), below it stand-ins for the functions do (`perfagent_stand_ins`).

Only what happens while the driver's clock runs is recorded. The launch is never timed. What goes
wrong here ends the recording, never the workload. CPython 3.8 and later, standard library alone.
"""

import os
import sys
import time

_MOST_FRAMES = 10000
_MOST_RUNNING = 200
_WORDS = 200

number_of = object.__hash__


def instead(run, main_module, tick):
    """Return a `run(job, measurement)` that looks into calls made under the given one."""

    def run_and_look(job, measurement):
        recorder = Recorder(job["calls"], job["tree"], job["file"])
        recorder.prepare()
        measurement.gauges = _Gate(measurement.gauges, recorder)
        run(dict(job, capture=False), measurement)
        measurement.parts["calls"] = recorder.report()

    return run_and_look


class _Gate:
    """The driver's gauges, which are told when its clock starts and stops."""

    def __init__(self, gauges, recorder):
        self._gauges = gauges
        self._recorder = recorder

    def start(self):
        self._gauges.start()
        self._recorder.start()

    def stop(self, regime):
        self._recorder.stop()
        self._gauges.stop(regime)

    def __getattr__(self, name):
        return getattr(self._gauges, name)


class Recorder:
    """What all watched functions share.

    Args:
        wanted: {"functions": [...], "modules": [...], "usual_s": ...}: what to watch (see `Spot`;
            `file` relative to the tree instead of `files`), the names of the modules that hold it,
            and how long the workload takes when nobody looks (left out when that is not known).
        tree: The folder that runs.
        script: The workload's file.
    """

    def __init__(self, wanted, tree, script):
        folders = sorted({os.path.join(tree, ""), os.path.join(os.path.realpath(tree), "")})
        members = _beside("perfagent_members")
        self.values = _beside("perfagent_values").Values([*folders, script], members)
        self._spots = _beside("perfagent_spot")
        self._tables = _beside("perfagent_tables")
        self.missing = self._spots.MISSING
        self.modules = wanted["modules"]
        self.spots = []
        for function in wanted["functions"]:
            files = [function["file"]] + [folder + function["file"] for folder in folders]
            self.spots.append(self.made_spot(dict(function, files=files)))
        budgets = _beside("perfagent_budget")
        self.budget = budgets.Budget(
            self.spots, self.give_up, self._spots.LONGEST_STRIDE, wanted.get("usual_s")
        )
        self.clock = time.perf_counter
        self.blank_s, self.blank_blocks = 0.0, 0
        self.looks = 0
        self.is_on = self.is_looking = False
        self.problem = None
        own = "perfagent_events" if hasattr(sys, "monitoring") else "perfagent_stand_ins"
        self.source = _beside(own).Source(self)

    def made_spot(self, wanted):
        """Return what is known of a function that is to be watched: nothing yet."""
        return self._spots.Spot(wanted, self.values, self._tables)

    def prepare(self):
        """Do what must be done before the workload is loaded."""
        try:
            self.source.prepare()
            _beside("perfagent_io").watch(self)
        except Exception as error:
            self.fail(error)

    def start(self):
        """Watch from here on."""
        if self.problem is not None:
            return
        try:
            self.source.start()
        except Exception as error:
            self.fail(error)
        self.is_on = True
        self.budget.start()

    def stop(self):
        """Watch no longer."""
        if not self.is_on:
            return
        self.budget.stop()
        self.is_on = False
        try:
            self.source.stop()
        except Exception as error:
            self.fail(error)

    def fail(self, error):
        """End the recording, since it does not work here."""
        if self.problem is None:
            self.problem = "%s: %s" % (type(error).__name__, str(error)[:_WORDS])
            for spot in self.spots:
                self.give_up(spot)

    def give_up(self, spot):
        """Watch a function no longer."""
        self.budget.account(spot)
        spot.is_counted = False
        spot.running.clear()
        try:
            self.source.settle(spot)
        except Exception as error:
            self.fail(error)

    def spot_of(self, code):
        """Return the watched function that code belongs to, None for other code."""
        for spot in self.spots:
            if spot.is_of(code):
                return spot
        return None

    def report(self):
        """Return what was seen as plain JSON."""
        for spot in self.spots:
            self.source.explain(spot)
        return {
            "functions": [spot.report() for spot in self.spots],
            "problem": self.problem,
            "elapsed_s": self.budget.elapsed_s,
            "looking_s": self.budget.looked_s,
            "counting_s": self.budget.counted_s,
        }

    # -- calls -------------------------------------------------------------------------------------

    def begin(self, spot, call, number, module_globals, above):
        """Look into a call that begins, if there is time; return its record, None for no look.

        Args:
            spot: Its function.
            call: What the source knows of it.
            number: That of a frame which lasts as long as the call.
            module_globals: The globals that the function sees.
            above: The frame around it.
        """
        record, budget, began = None, self.budget, self.clock()
        self.is_looking = True
        try:
            if budget.wants(spot, began):
                depth = 1
                if spot.running or spot.depth > 1:
                    depth = _depth(above, spot)
                record = spot.begin(self.source.arguments(spot, call), module_globals, depth)
                record.number = number
                if len(spot.running) >= _MOST_RUNNING:
                    spot.running.clear()  # generators that nobody ran to their end
                spot.running[number] = record
                self.looks += 1
                record.looks = self.looks
            self.source.settle(spot)
        except RecursionError:  # the workload is about to meet the limit itself
            spot.running.pop(number, None)
            record = None
        except Exception as error:
            self.fail(error)
            record = None
        self.is_looking = False
        spent = self.clock() - began
        if record is None:
            budget.spend(spot, spent)
            return None
        budget.spend(spot, spent + budget.unseen_s)
        if spot.wants_blocks():
            record.blocks = sys.getallocatedblocks()
        self.resume(record)
        return record

    def end(self, spot, record, call, module_globals, value, is_error):
        """Take note of a call that is over; `value` is what it returned or raised."""
        now = self.clock()
        if record.blocks is not None and record.looks == self.looks:  # nobody else was looked at
            spot.note_blocks(sys.getallocatedblocks() - record.blocks - self.blank_blocks)
        self.pause(record, now)
        record.seconds = max(record.seconds - self.blank_s, 0.0)
        self.is_looking = True
        spot.running.pop(record.number, None)
        try:
            if record.watched or record.shared:
                spot.compare(record, self.source.arguments(spot, call), module_globals)
            spot.note_outcome(record, value, is_error)
            self.source.settle(spot)
        except RecursionError:
            record.watched = []  # the workload is about to meet the limit itself
        except Exception as error:
            self.fail(error)
        self.is_looking = False
        self.budget.spend(spot, self.clock() - now)

    def resume(self, record):
        """Let a record's time run."""
        record.others_s = self.budget.overhead_s()
        record.started = self.clock()

    def pause(self, record, now):
        """Stop a record's time; what recording of other calls took meanwhile is left out."""
        if record.started is not None:
            others = self.budget.overhead_s() - record.others_s
            record.seconds += max(now - record.started - others, 0.0)
            record.started = None

    def measure(self, spot, call, bare_s):
        """Measure what looks cost, and what they add to times and blocks, on calls that do nothing.

        The parameters are those of `Budget.measure`.
        """
        self.budget.measure(spot, call, bare_s)
        told = spot.report()
        self.blank_s = max(told["seconds"] - bare_s, 0.0)
        self.blank_blocks = told["blocks"]
        self.looks = 0


def _depth(frame, spot):
    """Return how many calls of a function are under way with one that is made in a frame."""
    count = 0
    for _ in range(_MOST_FRAMES):
        if frame is None:
            break
        count += spot.knows(frame.f_code)
        around = spot.running.get(number_of(frame))
        if around is not None:
            return around.depth + count
        frame = frame.f_back
    return 1 + count


def _beside(name):
    """Load a module that lies beside this file without putting the folder on the target's path."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".py")
    with open(path, encoding="utf-8") as stream:
        code = compile(stream.read(), path, "exec", dont_inherit=True)
    module = type(sys)(name)
    module.__file__ = path
    exec(code, module.__dict__)
    return module
