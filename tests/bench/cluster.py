# SPDX-License-Identifier: Apache-2.0
"""What the database rows run on: a throw-away PostgreSQL with the settings of `ordod init`, an ordod before it, pgbench, and
the processor time that each of them took."""
import glob
import os
import re
import shutil
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")
WARM_UP_S = 1
SETTINGS = {
    "shared_buffers": "1GB", "max_wal_size": "2GB", "wal_compression": "on", "jit": "off",
    "logging_collector": "on", "log_destination": "jsonlog", "log_directory": "statements", "log_filename": "log",
    "log_rotation_age": "0", "log_rotation_size": "0",
}


def run(argv, log, **more):
    """A step of the set-up; its output goes to the log."""
    log.write("+ " + " ".join(map(str, argv)) + "\n")
    log.flush()
    done = subprocess.run(argv, stdout=log, stderr=subprocess.STDOUT, **more)
    if done.returncode:
        raise RuntimeError(f"{argv[0]} ended with {done.returncode}; {log.name} says why")


def output(argv, log, both=False, **more):
    """What a program prints, with `both` on its error stream too."""
    argv = [str(x) for x in argv]
    log.write("+ " + " ".join(argv) + "\n")
    log.flush()
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT if both else log, text=True, **more)
    log.write(done.stdout)
    if done.returncode:
        raise RuntimeError(f"{argv[0]} ended with {done.returncode}; {log.name} says why")
    return done.stdout


def certificates(directory, log):
    """One authority and one certificate for localhost, as `ordod init` makes them; for both peers."""
    common = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    run(common + ["-subj", "/CN=bench", "-keyout", f"{directory}/ca.key", "-out", f"{directory}/ca.crt"], log)
    run(common + ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext",
                  "basicConstraints=critical,CA:FALSE", "-CA", f"{directory}/ca.crt", "-CAkey", f"{directory}/ca.key",
                  "-keyout", f"{directory}/server.key", "-out", f"{directory}/server.crt"], log)


def cpu_s(pid, with_children=False):
    """Processor seconds of a process so far; of its present and past children too."""
    def fields(p):
        with open(f"/proc/{p}/stat", encoding="ascii", errors="replace") as f:
            return f.read().rpartition(")")[2].split()
    own = fields(pid)
    total = sum(map(int, own[11:15] if with_children else own[11:13]))
    for path in glob.glob("/proc/[0-9]*/stat") if with_children else []:
        try:
            child = fields(path.split("/")[2])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if child[1] == str(pid):
            total += sum(map(int, child[11:15]))
    return total / TICKS


class Cluster:
    def __init__(self, root, log):
        self.root, self.log = root, log
        self.pg_sh = f"{root}/tests/it/pg.sh"
        told = output([self.pg_sh, "start", "--until", str(os.getpid())], log)
        self.dir = re.search(r"ORDO_TEST_PG='([^']*)'", told).group(1)
        for key, value in SETTINGS.items():
            self.psql(f"ALTER SYSTEM SET {key} = '{value}'")
        run([self.pg_sh, "kill", self.dir], log)
        run([self.pg_sh, "restart", self.dir], log)
        with open(f"{self.dir}/data/postmaster.pid", encoding="ascii") as f:
            self.pid = int(f.readline())
        self.statement_log = f"{self.dir}/data/statements/log.json"
        owner = os.stat(f"{self.dir}/data")
        certificates(self.dir, log)
        for name in ("ca.crt", "server.crt", "server.key"):
            os.chown(f"{self.dir}/{name}", owner.st_uid, owner.st_gid)
        newest = sorted(glob.glob("/usr/lib/postgresql/*/bin/pgbench"), key=lambda p: int(p.split("/")[4]))
        self.pgbench_program = newest[-1] if newest else shutil.which("pgbench")

    def stop(self):
        run([self.pg_sh, "stop", self.dir], self.log)

    def psql(self, sql, db="postgres", user="postgres"):
        return output(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-h", self.dir, "-U", user, "-d", db, "-c", sql], self.log).strip()

    def psql_file(self, path, db, variables=None):
        sets = [x for k, v in (variables or {}).items() for x in ("-v", f"{k}={v}")]
        run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", *sets, "-h", self.dir, "-U", "postgres", "-d", db, "-f", path], self.log)

    def cpu_s(self):
        time.sleep(0.5)  # until the backends of the last run are gone and counted
        return cpu_s(self.pid, with_children=True)

    def pgbench(self, script, db, user, connections, seconds, options=""):
        """Transactions per second behind the warm-up, and how many there were altogether."""
        base = int(time.time() * 1000) * 10000
        told = output([self.pgbench_program, "-n", "-M", "prepared", "-P", "1", "-c", connections, "-j",
                       min(connections, os.cpu_count() or 1), "-T", seconds + WARM_UP_S, "-h", self.dir, "-U", user,
                       "-f", script, "-D", f"base={base}", "-D", "n=0", db], self.log, both=True,
                      env={**os.environ, "PGOPTIONS": options})
        if not re.search(r"number of failed transactions: 0 ", told):
            raise RuntimeError(f"pgbench: transactions failed; {self.log.name} says why")
        marks = [(0.0, 0.0)] + [(float(a), float(b)) for a, b in re.findall(r"progress: ([0-9.]+) s, ([0-9.]+) tps", told)]
        spans = [(at - before, tps) for (before, _), (at, tps) in zip(marks, marks[1:]) if at > WARM_UP_S + 0.5]
        per_s = sum(span * tps for span, tps in spans) / sum(span for span, _ in spans)
        return per_s, int(re.search(r"transactions actually processed: (\d+)", told).group(1))


class Server:
    """An ordod with its default settings on the database `db`."""

    def __init__(self, cluster, ordod, db):
        settings = {
            "data_dir": f"{cluster.dir}/data", "unix_socket": f"{cluster.dir}/ordod.sock", "listen": "127.0.0.1:0",
            "metrics_listen": "", "tls_cert": f"{cluster.dir}/server.crt", "tls_key": f"{cluster.dir}/server.key",
            "database": f"host={cluster.dir} user=ordo_app dbname={db}",
            "database_owner": f"host={cluster.dir} user=ordo_owner dbname={db}",
        }
        self.log = cluster.log
        self.argv = [ordod] + [x for k, v in settings.items() for x in ("--set", f"{k}={v}")]
        self.process = self.host = None

    def migrate(self):
        run(self.argv + ["migrate"], self.log)

    def start(self, log_path):
        with open(log_path, "wb") as log:
            self.process = subprocess.Popen(self.argv + ["serve"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for _ in range(300):
            time.sleep(0.1)
            with open(log_path, encoding="utf-8", errors="replace") as log:
                serving = re.search(r"msg=serving .* port=(\d+) ", log.read())
            if serving:
                self.host = f"127.0.0.1:{serving.group(1)}"
                return
            if self.process.poll() is not None:
                break
        raise RuntimeError(f"ordod does not serve; {log_path} says why")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def cpu_s(self):
        return cpu_s(self.process.pid)
