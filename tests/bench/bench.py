#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Figures of Ordo beside those of its peers, measured in turn on this machine; docs/bench.md says what each row means.

    bench.py PROGRAMS [ROW...]     PROGRAMS: the directory of a release build

The rows' JSON goes to $OUT, a table to standard output, everything else to build/log. $RUNS, $PAIRS and $SECONDS shorten a
trial; what is reported says how it was measured."""
import hashlib
import json
import os
import secrets
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import replay  # noqa: E402
from cluster import Cluster, Server, output, run  # noqa: E402

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
HERE = f"{ROOT}/tests/bench"
WORK = f"{ROOT}/build/bench"
LOGS = f"{ROOT}/build/log"
SERVER_LOG = f"{LOGS}/bench-ordod.log"
RUNS = int(os.environ.get("RUNS") or 5)
PAIRS = int(os.environ.get("PAIRS") or 7)
SECONDS = int(os.environ.get("SECONDS") or 5)
TRIAL_S = min(SECONDS, 3)              # of each candidate when the best concurrency is looked for
PEER_CONNECTIONS = (1, 2, 4, 8, 16)
OUR_LOADS = ((4, 1), (8, 1), (16, 1), (8, 2), (16, 2), (16, 4))  # connections x calls in flight
RECORDED_CUSTOMER = 1234


def median(values):
    values = sorted(values)
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2


def rounded(value):
    return None if value is None else float(f"{value:.4g}") if value < 1000 else round(value)


def row(name, unit, peer, ours, peers, target, floor=None, paired=False, **more):
    """paired: the ratio is the median of the pairs' ratios, and the values are those of that pair."""
    value, peer_value = median(ours), median(peers) if peers else None
    if paired:
        pairs = sorted(zip(ours, peers), key=lambda p: p[0] / p[1])
        value, peer_value = pairs[(len(pairs) - 1) // 2]
    return {"name": name, "value": rounded(value), "unit": unit, "peer": peer, "peer_value": rounded(peer_value),
            "ratio": round(value / peer_value, 3) if peer_value else None, "floor": floor, "target_ratio": target,
            "seconds": SECONDS, "runs": [rounded(v) for v in ours], "peer_runs": [rounded(v) for v in peers], **more}


class Bench:
    """What is set up once, when the first row wants it."""

    def __init__(self, programs, log):
        self.programs, self.log = programs, log
        self.cluster = self.server = self.grpc = self.grpc_port = None
        self.key = secrets.token_hex(32)
        self.calls = {}   # method: its replay script, statement count, waits

    def close(self):
        if self.grpc:
            self.grpc.stdin.close()
            self.grpc.wait(20)
        if self.server:
            self.server.stop()
        if self.cluster:
            self.cluster.stop()

    # --- set-up ---------------------------------------------------------------------------------------------------------
    def need_cluster(self):
        if not self.cluster:
            self.cluster = Cluster(ROOT, self.log)

    def need_server(self):
        """A preloaded and analysed desk, a copy of it for the replay, and only then an ordod."""
        if self.server:
            return
        self.need_cluster()
        c, tool = self.cluster, f"{self.programs}/tests/bench/preload"
        c.psql("CREATE DATABASE ordo OWNER ordo_owner")
        server = Server(c, f"{self.programs}/ordod", "ordo")
        server.migrate()
        variables = {kind: output([tool, kind], self.log).strip() for kind in ("targets", "specs", "fields")}
        rows = f"{c.dir}/requests"
        with open(rows, "w", encoding="ascii") as f:
            subprocess.run([tool, "requests", "50000", str(int(time.time() * 1e6))], stdout=f, check=True)
        c.psql_file(f"{HERE}/preload.sql", "ordo", {**variables, "requests": rows,
                                                   "key_sha256": hashlib.sha256(bytes.fromhex(self.key)).hexdigest()})
        c.psql("CREATE DATABASE replay TEMPLATE ordo")
        server.start(SERVER_LOG)
        self.server = server

    def need_reference(self):
        self.need_cluster()
        if self.cluster.psql("SELECT count(*) FROM pg_database WHERE datname = 'ref'") == "0":
            self.cluster.psql("CREATE DATABASE ref")
            self.cluster.psql_file(f"{HERE}/ref/schema.sql", "ref")

    def need_grpc(self):
        if self.grpc:
            return
        self.need_cluster()
        d = f"{WORK}/grpc"
        os.makedirs(d, exist_ok=True)
        self.build_grpc(d)
        self.grpc = subprocess.Popen([f"{d}/server", f"{self.cluster.dir}/server.crt", f"{self.cluster.dir}/server.key"],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.grpc_port = int(self.grpc.stdout.readline())

    def build_grpc(self, d):
        sources = [f"{HERE}/peer_grpc/{f}" for f in ("echo.proto", "server.cc", "client.cc")]
        if os.path.exists(f"{d}/client") and os.path.getmtime(f"{d}/client") > max(map(os.path.getmtime, sources)):
            return
        plugin = output(["sh", "-c", "command -v grpc_cpp_plugin"], self.log).strip()
        run(["protoc", f"--proto_path={HERE}/peer_grpc", f"--cpp_out={d}", f"--grpc_out={d}", f"--plugin=protoc-gen-grpc={plugin}",
             "echo.proto"], self.log)
        flags = output(["pkg-config", "--cflags", "--libs", "grpc++", "protobuf"], self.log).split()
        for program in ("server", "client"):
            run(["g++", "-std=c++17", "-O2", "-DNDEBUG", f"-I{d}", "-o", f"{d}/{program}.new", f"{HERE}/peer_grpc/{program}.cc",
                 f"{d}/echo.pb.cc", f"{d}/echo.grpc.pb.cc", *flags, "-pthread"], self.log)
            os.replace(f"{d}/{program}.new", f"{d}/{program}")

    # --- runs -----------------------------------------------------------------------------------------------------------
    def load(self, kind, *options):
        return output([f"{self.programs}/tests/bench/load", kind, "--host", self.server.host, "--ca", f"{self.cluster.dir}/ca.crt",
                       "--key", self.key, *options], self.log)

    def ours(self, kind, connections, in_flight, seconds):
        """One run of our load: calls a second, latencies, and processor time for each call."""
        before = self.cluster.cpu_s(), self.server.cpu_s()
        told = json.loads(self.load(kind, "--connections", connections, "--inflight", in_flight, "--seconds", seconds))
        after = self.cluster.cpu_s(), self.server.cpu_s()
        told["postgres_cpu_us"], told["ordod_cpu_us"] = (1e6 * (a - b) / told["total"] for a, b in zip(after, before))
        return told

    def pgbench(self, script, db, user, connections, seconds, options=""):
        before = self.cluster.cpu_s()
        per_s, total = self.cluster.pgbench(script, db, user, connections, seconds, options)
        return {"per_s": per_s, "postgres_cpu_us": 1e6 * (self.cluster.cpu_s() - before) / total}

    def record(self, kind, marker):
        """Records a call twice in the server's own log and makes the peer's script of it."""
        if kind in self.calls:
            return self.calls[kind]
        self.need_server()
        one = ("--calls", "1", "--customer", RECORDED_CUSTOMER)
        self.load(kind, "--calls", "64", "--customer", RECORDED_CUSTOMER)    # what workers keep is read by then
        start = os.path.getsize(SERVER_LOG)
        self.load(kind, "--calls", "300")
        waits, statements = replay.cost_of_calls(SERVER_LOG, start)
        self.log_statements(True)
        taken = []
        # Now and then a call also fetches ids or renews its plans: two in a row that ran the same are the call itself.
        while len(taken) < 2 or ([x.text for x in taken[-1][0]] != [x.text for x in taken[-2][0]] and len(taken) < 8):
            start = os.path.getsize(self.cluster.statement_log)
            reply = json.loads(self.load(kind, *one))
            time.sleep(0.5)                                                 # the log is written by a process of its own
            taken.append((replay.read_call(self.cluster.statement_log, start, marker), reply))
        self.log_statements(False)
        taken = taken[-2:]
        known = replay.known_values(taken[1][1], RECORDED_CUSTOMER)
        if kind == "get":
            known[str(taken[1][1]["id"])] = "request"
        path = f"{WORK}/replay-{kind}.sql"
        with open(path, "w", encoding="utf-8") as f:
            f.write(replay.script(taken[0][0], taken[1][0], known))
        self.calls[kind] = {"script": path, "statements": len(taken[1][0]), "options": replay.options(taken[1][0]),
                            "statements_counted": statements, "waits": waits}
        return self.calls[kind]

    def log_statements(self, on):
        self.cluster.psql(f"ALTER SYSTEM SET log_statement = '{'all' if on else 'none'}'")
        self.cluster.psql("SELECT pg_reload_conf()")
        time.sleep(0.5)


# --- rows ---------------------------------------------------------------------------------------------------------------

def echo(bench, names):
    rows = []
    bench.need_server()
    bench.need_grpc()
    for name, connections, in_flight, target in (("echo_1x1", 1, 1, 2), ("echo_16x8", 16, 8, 6), ("echo_64x1", 64, 1, 3)):
        if name not in names:
            continue
        ours, peers = [], []
        for _ in range(RUNS):
            ours.append(bench.ours("echo", connections, in_flight, SECONDS))
            peers.append(json.loads(output([f"{WORK}/grpc/client", bench.grpc_port, f"{bench.cluster.dir}/ca.crt", connections,
                                            in_flight, SECONDS, 100], bench.log)))
        rows.append(row(name, "calls/s", "gRPC C++ unary call, callback API, TLS", [r["per_s"] for r in ours],
                        [r["per_s"] for r in peers], target, connections=connections, in_flight=in_flight, **latencies(ours),
                        peer_p50_us=median([r["p50_us"] for r in peers]), peer_p99_us=median([r["p99_us"] for r in peers]),
                        ordod_cpu_us_per_call=rounded(median([r["ordod_cpu_us"] for r in ours]))))
    return rows


def latencies(runs):
    return {k: median([r[k] for r in runs]) for k in ("p50_us", "p99_us")}


def database(kind, marker, ref_file):
    """The rows of one method: Ordo, the replay of its own statements, and the frozen reference, in turn."""
    own, ref = f"request_{kind}", f"request_{kind}_ref"

    def peer_runs(bench, name):
        if name == own:
            call = bench.record(kind, marker)
            return lambda c, s: bench.pgbench(call["script"], "replay", "ordo_app", c, s, call["options"])
        bench.need_reference()
        return lambda c, s: bench.pgbench(f"{HERE}/ref/{ref_file}", "ref", "ref_app", c, s)

    def measure(bench, names):
        wanted = [n for n in (own, ref) if n in names]
        bench.need_server()
        call = bench.record(kind, marker)
        peers = {n: peer_runs(bench, n) for n in wanted}
        load = best(OUR_LOADS, lambda l: bench.ours(kind, *l, TRIAL_S)["per_s"])[0]
        # The two best of the trial run each time, and the better one counts: none is left out by a lucky trial.
        connections = {n: best(PEER_CONNECTIONS, lambda c, n=n: peers[n](c, TRIAL_S)["per_s"])[:2] for n in wanted}
        ours, theirs = [], {n: [] for n in wanted}
        for _ in range(max(RUNS, PAIRS) if kind == "create" else RUNS):
            bench.cluster.psql("CHECKPOINT")
            ours.append(bench.ours(kind, *load, SECONDS))
            for n in wanted:
                bench.cluster.psql("CHECKPOINT")
                runs = [{**peers[n](c, SECONDS), "connections": c} for c in connections[n]]
                theirs[n].append(max(runs, key=lambda r: r["per_s"]))
        described = {own: "pgbench -M prepared: the same statements one by one, Unix socket",
                     ref: "pgbench -M prepared: the frozen reference workload, Unix socket"}
        targets = {"request_create": 1.0, "request_get": 0.8, "request_create_ref": 1.2, "request_get_ref": 0.8}
        return [row(n, "calls/s", described[n], [r["per_s"] for r in ours], [r["per_s"] for r in theirs[n]], targets[n],
                    paired=kind == "create", connections=load[0], in_flight=load[1],
                    peer_connections=[r["connections"] for r in theirs[n]], **latencies(ours),
                    statements=call["statements"], statements_counted=call["statements_counted"], waits=call["waits"],
                    postgres_cpu_us_per_call=rounded(median([r["postgres_cpu_us"] for r in ours])),
                    peer_postgres_cpu_us_per_call=rounded(median([r["postgres_cpu_us"] for r in theirs[n]])),
                    ordod_cpu_us_per_call=rounded(median([r["ordod_cpu_us"] for r in ours]))) for n in wanted]

    return measure


def best(candidates, measured):
    """The candidates, the fastest first."""
    return sorted(candidates, key=lambda c: -measured(c))


def pure(name, program, unit, target, floor, peer=None, npm=None):
    """A program of ours on one core that prints what it did in a second, and a script for Node that does the same."""
    def measure(bench, _names):
        path = f"{bench.programs}/tests/bench/{program}"
        if not os.path.exists(path):
            return skipped(name, f"tests/bench/{program}.c is not there")
        why = npm_install(bench) if npm else None
        if why:
            print(f"bench: {name} has no peer: {why}", file=sys.stderr)
        ours, peers, more = [], [], {}
        for _ in range(RUNS):
            ours.append(steady(bench, path))
            if npm and not why:
                *also, figure = map(float, output(["node", f"{WORK}/npm/{npm}", SECONDS], bench.log).split())
                peers.append(figure)
                more = {"peer_parsing_each_time": also[0]} if also else {}
        return [row(name, unit, peer if peers else None, ours, peers, target if peers else None, floor, **more)]
    return measure


def steady(bench, path):
    """The mean of as many runs as fill $SECONDS; the program prints a number or a line of JSON with per_s."""
    figures, until = [], time.monotonic() + SECONDS
    while not figures or time.monotonic() < until:
        last = output([path, SECONDS], bench.log).splitlines()[-1]
        figures.append(float(json.loads(last)["per_s"] if last.startswith("{") else last))
    return sum(figures) / len(figures)


def skipped(name, why):
    print(f"bench: {name} is left out: {why}", file=sys.stderr)
    return []


def npm_install(bench):
    """None, or why there are no npm peers."""
    try:
        version = output(["node", "--version"], bench.log).strip()
    except FileNotFoundError:
        return "Node.js is missing"
    if int(version.lstrip("v").split(".")[0]) < 20:
        return f"Node.js {version} is older than 20"
    os.makedirs(f"{WORK}/npm", exist_ok=True)
    for f in os.listdir(f"{HERE}/npm"):
        with open(f"{HERE}/npm/{f}", "rb") as source, open(f"{WORK}/npm/{f}", "wb") as copy:
            copy.write(source.read())
    try:
        run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], bench.log, cwd=f"{WORK}/npm")
    except (RuntimeError, FileNotFoundError) as e:
        return str(e)
    return None


# Row: who measures it. Rows of one measurement stand side by side and share our runs.
GROUPS = (
    (("echo_1x1", "echo_16x8", "echo_64x1"), echo),
    (("request_create", "request_create_ref"), database("create", "INSERT INTO request(", "create.sql")),
    (("request_get", "request_get_ref"), database("get", "FROM request r WHERE r.id", "get.sql")),
    (("step_pure",), pure("step_pure", "bench_step", "transitions/s", 100, 1000000, "npm bpmn-engine, the same model, parsed once", "step.mjs")),
    (("feel_pure",), pure("feel_pure", "bench_feel", "evaluations/s", 20, 1000000, "npm feelin, the same expression, parsed once", "feel.mjs")),
    (("dmn_table",), pure("dmn_table", "bench_dmn", "decisions/s", None, 20000)),
)


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 64
    programs, wanted = os.path.realpath(sys.argv[1]), sys.argv[2:]
    every = [n for names, _ in GROUPS for n in names]
    for name in wanted:
        if name not in every:
            print(f"bench: there is no row {name}; there are {' '.join(every)}", file=sys.stderr)
            return 64
    os.makedirs(LOGS, exist_ok=True)
    os.makedirs(WORK, exist_ok=True)
    rows, failed = [], False
    with open(f"{LOGS}/bench.log", "w", encoding="utf-8", buffering=1) as log:
        bench = Bench(programs, log)
        try:
            for names, measure in GROUPS:
                mine = [n for n in names if not wanted or n in wanted]
                try:
                    rows += measure(bench, mine) if mine else []
                except (RuntimeError, OSError, ValueError, subprocess.SubprocessError) as e:
                    print(f"bench: {' '.join(mine)}: {e}", file=sys.stderr)
                    failed = True
        finally:
            bench.close()
    out = os.environ.get("OUT") or f"{WORK}/bench.json"
    with open(out, "w", encoding="utf-8") as f:
        json.dump(rows, f, indent=1)
        f.write("\n")
    for r in rows:
        peer = f"{r['peer_value']:>10} {r['ratio']:>7}" if r["peer_value"] else f"{'-':>10} {'-':>7}"
        print(f"{r['name']:<20} {r['value']:>10} {peer}  {r['unit']}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
