"""What the rivals share: reading a work, answering the benchmark program, finding the fastest variant, two processes.

A rival is a program `python3 RIVAL.py FOLDER`. It reads one JSON object a line and answers with one:

    {"do": "tune", "rule": "16"}                     tries all variants -> {"best": ..., "seconds": {variant: seconds}}
    {"do": "run", "rule": "16", "at_least": 0.3}     the best one       -> {"seconds": one run, "rows": ...}
    {"do": "certify", "tolerance": 1e-10, "at_least": 0.3}              -> {"seconds": ..., "orders": [...], "met": rows}
    {"do": "save", "path": "x.npy"}                  the last result, rows x k x k

The folder holds work.json (kind, rows a variant may use), network.npz (weights), data.npz (rows, baseline, outputs,
directions) and rules.npz (nodes_N, weights_N: quadrature rules for the weight -ln t).
"""

import json
import multiprocessing
import os
import resource
import sys
import time

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np
import torch

from networks import KINDS

torch.set_default_dtype(torch.float64)

THREADS = 2

# A variant that wants more memory than this fails, and is passed over.
resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))

# Nodes that are worked on in one go: longer rules are added up from pieces, which keeps memory bounded.
PIECE = 64

# Orders that an expert would try one after the other until the result is good enough. The last two are composite rules.
LADDERS = {
    "small steps": [8, 12, 16, 24, 32, 48, 64, 96, 192],
    "doubling from 8": [8, 16, 32, 64, 96, 192],
    "doubling from 12": [12, 24, 48, 96, 192],
    "doubling from 16": [16, 32, 64, 96, 192],
}


class Work:
    """One work: the network, the rows and what is asked about them."""

    def __init__(self, folder):
        with open(os.path.join(folder, "work.json")) as file:
            self.kind = json.load(file)["kind"]
        load = lambda name: {k: torch.from_numpy(v) for k, v in np.load(os.path.join(folder, name)).items()}
        self.networks = [form(load("network.npz")) for form in KINDS[self.kind]]
        self.network = self.networks[0]
        data = load("data.npz")
        self.rows, self.baseline, self.outputs = data["rows"], data["baseline"], data["outputs"]
        # One row a group, 1 for its members; absent where every feature stands for itself.
        self.groups = data.get("groups")
        rules = load("rules.npz")
        self.rules = {k[6:]: (rules[k], rules["weights_" + k[6:]]) for k in rules if k.startswith("nodes_")}
        self.steps = self.rows - self.baseline
        self.features = self.rows.shape[1]
        self.parts = self.features if self.groups is None else len(self.groups)

    def change(self):
        """f(x) - f(x') of every row."""
        with torch.no_grad():
            values = self.network(self.rows) - self.network(self.baseline)
        return (values * self.outputs).sum(1)


class Variant:
    """A way to compute: explain(work, row indices, nodes, weights) -> rows x k x k, in chunks of so many rows, on THREADS
    threads or in as many processes."""

    def __init__(self, name, explain, rows, processes=1):
        self.rows = rows * processes
        self.name = name + (f", in {processes} processes" if processes > 1 else "")
        self.explain = explain
        self.processes = processes


def explain_in_pieces(work, variant, index, rule):
    """The matrices of the rows by a rule; the rule is linear in its nodes."""
    nodes, weights = rule
    pieces = max(1, -(-len(nodes) // PIECE))
    total = None
    for t, w in zip(nodes.chunk(pieces), weights.chunk(pieces)):
        part = variant.explain(work, index, t, w)
        total = part if total is None else total + part
    return total


def _worker(folder, make, pipe):
    torch.set_num_threads(1)
    work = Work(folder)
    variants = {variant.name: variant for variant in make(work)}
    while True:
        try:
            name, index, rule = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(explain_in_pieces(work, variants[name], torch.tensor(index), work.rules[rule]).numpy())
        except Exception as problem:
            pipe.send(str(problem))


class Pool:
    """Processes of one thread each that share the rows; started when first needed."""

    def __init__(self, folder, make):
        self.folder, self.make, self.pipes = folder, make, []

    def start(self):
        context = multiprocessing.get_context("spawn")
        threads = os.environ.get("OPENBLAS_NUM_THREADS")
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        for _ in range(THREADS):
            ours, theirs = context.Pipe()
            context.Process(target=_worker, args=(self.folder, self.make, theirs), daemon=True).start()
            self.pipes.append(ours)
        if threads is None:
            del os.environ["OPENBLAS_NUM_THREADS"]
        else:
            os.environ["OPENBLAS_NUM_THREADS"] = threads

    def explain(self, name, index, rule):
        if not self.pipes:
            self.start()
        busy = [(pipe, part) for pipe, part in zip(self.pipes, index.chunk(THREADS)) if len(part)]
        for pipe, part in busy:
            pipe.send((name, part.tolist(), rule))
        answers = [pipe.recv() for pipe, _ in busy]
        for answer in answers:
            if isinstance(answer, str):
                raise RuntimeError(answer)
        return torch.from_numpy(np.concatenate(answers))


class Server:
    """Answers commands; keeps the variant that was fastest for each rule, and the last result."""

    def __init__(self, folder, make):
        self.work = Work(folder)
        self.variants = make(self.work)
        self.pool = Pool(folder, make)
        self.ranking = {}
        self.result = None
        self.ladder = None

    def explain(self, variant, index, rule):
        if variant.processes > 1:
            return self.pool.explain(variant.name, index, rule)
        return explain_in_pieces(self.work, variant, index, self.work.rules[rule])

    def all_rows(self):
        return torch.arange(len(self.work.rows))

    def timed(self, action, at_least):
        """Seconds of one run, the mean of as many as take the given time together."""
        start, runs = time.perf_counter(), 0
        while runs == 0 or time.perf_counter() - start < at_least:
            action()
            runs += 1
        return (time.perf_counter() - start) / runs

    def tune(self, rule):
        """Each variant is tried on its smallest number of rows, and on all unless far behind; the best five are timed again,
        and the shortest time counts."""
        candidates = self.variants
        if self.ranking:
            known = next(iter(self.ranking.values()))
            candidates = [variant for variant, _ in known[:6]]
        rows, count = self.all_rows(), len(self.all_rows())
        seconds, problems = {}, set()
        once = lambda variant, index, at_least=0: self.timed(lambda: self.explain(variant, index, rule), at_least)
        for variant in candidates:
            few = rows[: variant.rows]
            try:
                best = min(seconds.values(), default=float("inf"))
                if once(variant, few) * count / len(few) < 8 * best and once(variant, few) * count / len(few) < 2.5 * best:
                    seconds[variant] = once(variant, rows)
            except (RuntimeError, MemoryError) as problem:
                problems.add(str(problem).splitlines()[0])
        for problem in problems:
            print(f"passed over: {problem}", file=sys.stderr)
        for variant in sorted(seconds, key=seconds.get)[:5]:
            seconds[variant] = min([seconds[variant]] + [once(variant, rows, 0.1) for _ in range(3)])
        found = sorted(seconds.items(), key=lambda pair: pair[1])
        self.ranking[rule] = found
        return {"best": found[0][0].name, "seconds": {variant.name: time for variant, time in found}}

    def best(self, rule):
        if rule in self.ranking:
            return self.ranking[rule][0][0]
        return next(iter(self.ranking.values()))[0][0] if self.ranking else self.variants[0]

    def run(self, rule, at_least=0.0):
        variant = self.best(rule)

        def action():
            self.result = self.explain(variant, self.all_rows(), rule)

        return {"seconds": self.timed(action, at_least), "rows": len(self.work.rows), "variant": variant.name}

    def climb(self, ladder, tolerance):
        """Orders are raised until completeness and the change between two orders are below the tolerance; rows that are
        there already are left out of the next order."""
        work, todo = self.work, self.all_rows()
        result = torch.zeros(len(work.rows), work.parts, work.parts)
        change, previous, used = work.change(), None, []
        for order in ladder:
            now = self.explain(self.best(str(order)), todo, str(order))
            result[todo] = now
            used.append(order)
            if previous is not None:
                residual = (now.sum((1, 2)) - change[todo]).abs()
                scale = torch.maximum(change[todo].abs(), now.sum(2).abs().amax(1))
                moved = (now - previous).abs().amax((1, 2)) / now.abs().amax((1, 2))
                open_ = (residual > tolerance * scale) | (moved > tolerance)
                todo, now = todo[open_], now[open_]
            previous = now
            if len(todo) == 0:
                break
        return result, used, len(work.rows) - len(todo)

    def certify(self, tolerance, at_least=0.0):
        if self.ladder is None:
            seconds = {name: self.timed(lambda: self.climb(LADDERS[name], tolerance), 0.05) for name in LADDERS}
            self.ladder = min(seconds, key=seconds.get)
        answer = None

        def action():
            nonlocal answer
            answer = self.climb(LADDERS[self.ladder], tolerance)

        seconds = self.timed(action, at_least)
        self.result, used, met = answer
        return {"seconds": seconds, "rows": len(self.work.rows), "orders": used, "met": met}

    def save(self, path):
        np.save(path, np.ascontiguousarray(self.result.numpy()))
        return {}

    def hello(self):
        """Versions, and what the matrix library does in double precision: it decides what the rival can do."""
        n = 1024
        a, b = torch.rand(n, n), torch.rand(n, n)
        a @ b
        seconds = min(self.timed(lambda: a @ b, 0) for _ in range(5))
        with open("/proc/self/maps") as maps:
            files = {line.split("/")[-1].strip() for line in maps if "blas" in line or "mkl_rt" in line}
        fast = {file for file in files if "openblas" in file or "blis" in file or "mkl" in file} or files
        return {"torch": torch.__version__, "blas": ", ".join(sorted(fast)), "gigaflops": 2 * n**3 / seconds / 1e9}


def serve(make, server=Server):
    """make(work) lists the variants."""
    torch.set_num_threads(THREADS)
    rival = server(sys.argv[1], make)
    answer = lambda message: print(json.dumps(message), flush=True)
    answer(rival.hello())
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer(getattr(rival, command.pop("do"))(**command))
        except Exception as problem:
            answer({"error": f"{type(problem).__name__}: {problem}"})
