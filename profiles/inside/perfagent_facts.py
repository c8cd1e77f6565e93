"""Looks into the calls of some functions while the workload runs.

Every call is counted; calls are looked into (arguments, time, what they change, return or raise)
only as long as that leaves the workload at about half its pace, and counting stops where counting
alone would cost more than that. From CPython 3.12 on the interpreter tells of the calls
(`perfagent_events`), below it stand-ins for the functions do (`perfagent_stand_ins`).

Only what happens while the driver's clock runs is recorded. The launch is never timed. What goes
wrong here ends the recording, never the workload. CPython 3.8 and later, standard library alone.
"""

import os
import sys
import time

SLACK_S = 0.1
"""Seconds that may be spent whatever the workload takes."""
OWN_SLACK_S = 0.02
"""Seconds that may be spent on each function nevertheless."""
LOOKING_SHARE = 0.45
"""Share of the elapsed time beyond which nothing is looked into, and from which on less is."""
OWN_SHARE = 0.01
"""Share of the elapsed time that each function may have nevertheless."""
COUNTING_SHARE = 0.5
"""Share of the elapsed time beyond which the function that costs most is no longer counted."""
MOST_FRAMES = 1000
MOST_IO_EVENTS = 2000
_EARLIER = 0.5
_MOST_RUNNING = 200
_MEASURED_LOOKS = 32

_IO = frozenset(
    "open os.chdir os.chmod os.chown os.exec os.fork os.forkpty os.link os.listdir os.mkdir "
    "os.posix_spawn os.putenv os.remove os.rename os.rmdir os.scandir os.spawn os.symlink "
    "os.system os.truncate os.unsetenv os.utime builtins.input ftplib.connect glob.glob "
    "http.client.connect imaplib.open poplib.connect shutil.copyfile shutil.copytree shutil.move "
    "shutil.rmtree smtplib.connect socket.__new__ socket.bind socket.connect socket.getaddrinfo "
    "socket.gethostbyname socket.sendmsg socket.sendto sqlite3.connect subprocess.Popen "
    "telnetlib.Telnet.open tempfile.mkdtemp tempfile.mkstemp urllib.Request".split()
)


def instead(run, main_module, tick):
    """Return a `run(job, measurement)` that looks into calls made under the given one."""

    def run_and_look(job, measurement):
        recorder = Recorder(job["calls"], job["tree"])
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
    """What all watched functions share: the budget, the clock, and how calls are learned of.

    Args:
        wanted: {"functions": [...], "modules": [...]}: what to watch (see `Spot`; files relative
            to the tree), and which modules hold it.
        tree: The folder that runs.
    """

    def __init__(self, wanted, tree):
        folders = sorted({os.path.join(tree, ""), os.path.join(os.path.realpath(tree), "")})
        spots = _beside("perfagent_spot")
        self.missing = spots.MISSING
        self._spot_class = spots.Spot
        self.longest_stride = spots.LONGEST_STRIDE
        self.values = _beside("perfagent_values").Values(folders)
        self.modules = wanted["modules"]
        self.spots = []
        for function in wanted["functions"]:
            files = [function["file"]] + [folder + function["file"] for folder in folders]
            self.spots.append(spots.Spot(dict(function, files=files), self.values))
        self.clock = time.perf_counter
        self.is_on = False
        self.is_looking = False
        self.problem = None
        self.looks = 0
        self.unseen_s = self.blank_s = 0.0
        self.blank_blocks = 0
        self.looked_s = self.counted_s = self.elapsed_s = 0.0
        self.began = 0.0
        self._io_events = 0
        own = "perfagent_events" if hasattr(sys, "monitoring") else "perfagent_stand_ins"
        self.source = _beside(own).Source(self)

    def prepare(self):
        """Do what must be done before the workload is loaded."""
        try:
            self.source.prepare()
            sys.addaudithook(self._hook)
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
        self.began = self.clock()

    def stop(self):
        """Watch no longer."""
        if not self.is_on:
            return
        self.elapsed_s += self.clock() - self.began
        self.is_on = False
        try:
            self.source.stop()
        except Exception as error:
            self.fail(error)

    def fail(self, error):
        """End the recording, since it does not work here."""
        self.problem = "%s: %s" % (type(error).__name__, str(error)[:200])
        for spot in self.spots:
            self.give_up(spot)

    def report(self):
        """Return what was seen as plain JSON."""
        for spot in self.spots:
            self.source.explain(spot)
        return {
            "functions": [spot.report() for spot in self.spots],
            "problem": self.problem,
            "elapsed_s": self.elapsed_s,
            "looking_s": self.looked_s,
            "counting_s": self.counted_s,
        }

    # -- budget ------------------------------------------------------------------------------------

    def made_spot(self, code):
        """Return a spot for a function of perfagent's own, on which costs are measured."""
        wanted = {"files": [code.co_filename], "line": code.co_firstlineno}
        wanted.update(function=code.co_name, has_receiver=False)
        return self._spot_class(wanted, self.values)

    def measure(self, spot, call, bare_s):
        """Measure what a look costs and adds, on a call that takes `bare_s` and does nothing."""
        clock = self.clock
        for began in (clock(), clock()):  # the first round is the interpreter's, to warm up
            self.looked_s, self.began = 0.0, began
            began = clock()
            for _ in range(_MEASURED_LOOKS):
                spot.next = 0
                call(None)
            spent = clock() - began
        told = spot.report()
        self.unseen_s = max((spent - self.looked_s) / _MEASURED_LOOKS - bare_s, 0.0)
        self.blank_s = max(told["seconds"] - bare_s, 0.0)
        self.blank_blocks = told["blocks"]
        self.looks = 0
        self.looked_s = self.counted_s = 0.0

    def overhead_s(self):
        """Return the seconds that recording took so far: measured ones, and estimated ones."""
        spent = self.looked_s + self.counted_s
        for spot in self.spots:
            spent += (spot.calls - spot.accounted) * spot.unit_s
        return spent

    def spend(self, spot, seconds):
        """Add to what looking into a function's calls took."""
        self.looked_s += seconds
        spot.looked_s += seconds

    def account(self, spot):
        """Add what counting a function's calls cost since the last time."""
        spent = (spot.calls - spot.accounted + spot.extra / 2) * spot.unit_s
        self.counted_s += spent
        spot.counted_s += spent
        spot.accounted, spot.extra = spot.calls, 0

    def _wants(self, spot, now):
        """Tell whether the call that begins is to be looked into, and choose the next one."""
        self.account(spot)
        elapsed = self.elapsed_s + now - self.began
        spent = self.looked_s + self.counted_s
        look = spent < max(SLACK_S, LOOKING_SHARE * elapsed) or (
            spot.looked_s < max(OWN_SLACK_S, OWN_SHARE * elapsed)
        )
        if not look:
            spot.stride = min(2 * spot.stride, self.longest_stride)
        elif spent < max(SLACK_S, _EARLIER * LOOKING_SHARE * elapsed):
            spot.stride = max(spot.stride // 2, 1)
        spot.space()
        self._relieve(elapsed)
        return look and spot.is_counted

    def relieve(self, spot):
        """See what being told of the pieces of a generator costs."""
        self.account(spot)
        self._relieve(self.elapsed_s + self.clock() - self.began)

    def _relieve(self, elapsed):
        """Count the function that costs most no longer, where counting alone costs too much."""
        if self.counted_s > max(SLACK_S, COUNTING_SHARE * elapsed):
            dearest = max(self.spots, key=lambda each: each.is_counted * each.counted_s)
            dearest.note("counting stopped, as it would have slowed the workload down too much")
            self.give_up(dearest)

    def give_up(self, spot):
        """Watch a function no longer."""
        self.account(spot)
        spot.is_counted = False
        spot.running.clear()
        self.source.settle(spot)

    # -- calls -------------------------------------------------------------------------------------

    def begin(self, spot, call, number, module_globals, above):
        """Look into a call that begins, if there is time; return its record, None for no look.

        Args:
            spot: Its function.
            call: What the source knows of it.
            number: Tells it from the others that are under way.
            module_globals: The globals that the function sees.
            above: The frame around it.
        """
        record, began = None, self.clock()
        self.is_looking = True
        try:
            if self._wants(spot, began):
                depth = 1
                if spot.running or spot.depth > 1:
                    depth += _calls_above(above, spot)
                record = spot.begin(self.source.arguments(spot, call), module_globals, depth)
                record.number = number
                if len(spot.running) >= _MOST_RUNNING:
                    spot.running.clear()  # generators that nobody ran to their end
                spot.running[number] = record
                self.looks += 1
                record.looks = self.looks
            self.source.settle(spot)
        except RecursionError:
            record = None  # the workload is about to meet the limit itself
        except Exception as error:
            self.fail(error)
        self.is_looking = False
        if record is None:
            self.spend(spot, self.clock() - began)
            return None
        self.spend(spot, self.clock() - began + self.unseen_s)
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
                spot.finish(record, self.source.arguments(spot, call), module_globals)
            spot.note_outcome(record, value, is_error)
            self.source.settle(spot)
        except RecursionError:
            record.watched = []  # the workload is about to meet the limit itself
        except Exception as error:
            self.fail(error)
        self.is_looking = False
        self.spend(spot, self.clock() - now)

    def resume(self, record):
        """Let a record's time run."""
        record.others_s = self.overhead_s()
        record.started = self.clock()

    def pause(self, record, now):
        """Stop a record's time; what recording of other calls took meanwhile is left out."""
        if record.started is not None:
            others = self.overhead_s() - record.others_s
            record.seconds += max(now - record.started - others, 0.0)
            record.started = None

    # -- events ------------------------------------------------------------------------------------

    def spot_of(self, code):
        """Return the watched function that code belongs to, None for other code."""
        for spot in self.spots:
            if spot.is_of(code):
                return spot
        return None

    def _hook(self, event, arguments):
        if event in _IO and self.is_on and not self.is_looking:
            self._note_io()

    def _note_io(self):
        """Mark the functions under way as doing input or output."""
        self._io_events += 1
        if self._io_events > MOST_IO_EVENTS:
            return
        found, frame = [], sys._getframe(2)
        for _ in range(MOST_FRAMES):
            if frame is None:
                break
            code = frame.f_code
            if code.co_filename.startswith("<frozen importlib"):
                return  # an import is nobody's input
            spot = self.spot_of(code)
            if spot is not None:
                found.append(spot)
            frame = frame.f_back
        for spot in found:
            spot.does_io = True


def _calls_above(frame, spot):
    """Return how many calls of a function are under way in a frame and those around it."""
    count = 0
    for _ in range(MOST_FRAMES):
        if frame is None:
            break
        count += spot.knows(frame.f_code)
        frame = frame.f_back
    return count


def _beside(name):
    """Load a module that lies beside this file without putting the folder on the target's path."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".py")
    with open(path, encoding="utf-8") as stream:
        code = compile(stream.read(), path, "exec", dont_inherit=True)
    module = type(sys)(name)
    module.__file__ = path
    exec(code, module.__dict__)
    return module
