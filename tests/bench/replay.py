# SPDX-License-Identifier: Apache-2.0
"""From the server's statement log to a pgbench script that does the same to the database, one statement after the other.

A call is recorded twice with equal input. A parameter that is one of the desk's ids (desk.h) becomes a variable that every
replayed call draws anew; one that differs between the two recordings is made unique; all others stay as they were recorded."""
import json
import re

PARAMETER = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Not part of a call: plans that are forgotten each minute, a block of a thousand ids.
HOUSEKEEPING = ("DISCARD PLANS", "SELECT nextval('id_block')")

# What a variable is in a replayed call; i is the customer that was drawn. The order matters: later ones use earlier ones.
VARIABLES = {
    "k": ":base + :n * 64 + :client_id",
    "i": "random(0, 9999)",
    "customer": "1000000 + :i",
    "contact": "2000000 + :i",
    "principal": "3000000 + :i",
    "contract": "8000000 + :i",
    "sla": "9000000 + :i % 5",
    "branch": "7000 + :i % 10",
    "department": "5000000 + :i % 10",
    "type": "6000000 + 10 * random(0, 1) + :i % 10",
    "assignee": "4000000 + 10 * random(0, 49) + :i % 10",
    "request": "10000000 + random(0, 49999)",
}


class Statement:
    """One logged statement: its text and its parameters, None for NULL."""

    def __init__(self, record):
        message = record["message"]
        self.text = re.sub(r"^(execute [^:]*|statement): ", "", message).strip().rstrip(";")
        self.values = [None if v == "NULL" else v[1:-1].replace("''", "'")
                       for _, v in PARAMETER.findall(record.get("detail", ""))]


def read_call(path, start, marker):
    """The statements of the one call that was logged behind offset `start` and in which `marker` occurs."""
    by_pid = {}
    with open(path, encoding="utf-8") as log:
        log.seek(start)
        for line in log:
            record = json.loads(line)
            if record.get("user") == "ordo_app" and re.match(r"execute |statement: ", record.get("message", "")):
                by_pid.setdefault(record["pid"], []).append(Statement(record))
    found = [s for s in by_pid.values() if any(marker in x.text for x in s)]
    if len(found) != 1:
        raise RuntimeError(f"{len(found)} backends ran {marker!r}, not one")
    return [s for s in found[0] if not s.text.endswith(HOUSEKEEPING)]


def known_values(reply, i):
    """The desk's ids as they occur in a recorded call about customer i, drawn with 0 for type and assignee."""
    return {
        str(reply["id"]): "k", str(reply["number"]): "k",
        str(1000000 + i): "customer", str(2000000 + i): "contact", str(3000000 + i): "principal", str(8000000 + i): "contract",
        str(9000000 + i % 5): "sla", str(7000 + i % 10): "branch", str(5000000 + i % 10): "department",
        str(6000000 + i % 10): "type", str(4000000 + i % 10): "assignee",
    }


def parameter(value, before, known):
    """A parameter as pgbench shall write it."""
    if value is None:
        return "NULL"
    if value in known:
        return ":" + known[value]
    items = value[1:-1].split(",") if value.startswith("{") and value.endswith("}") else []
    if items and all(x in known for x in items):
        return "ARRAY[" + ",".join(":" + known[x] for x in items) + "]"
    if value != before and re.fullmatch(r"-?\d+", value):
        return ":k"
    if value != before and UUID.fullmatch(value):
        return "(lpad(to_hex(:k::bigint),32,'0'))::uuid"
    return "'" + value.replace("'", "''") + "'"


def script(first, second, known):
    """The pgbench script of a call that was recorded twice; `known` holds for the second recording."""
    if [s.text for s in first] != [s.text for s in second]:
        raise RuntimeError("the two recorded calls ran different statements")
    out = []
    for a, b in zip(first, second):
        written = [parameter(v, w, known) for v, w in zip(b.values, a.values)]
        out.append(re.sub(r"\$(\d+)", lambda m, w=written: w[int(m.group(1)) - 1], b.text) + ";")
    body = "\n".join(out)
    used = {name for name in VARIABLES if re.search(rf"(?<!:):{name}\b", body)}
    if used - {"k", "request"}:
        used.add("i")
    sets = [rf"\set {name} {VARIABLES[name]}" for name in VARIABLES if name in used]
    if "k" in used:
        sets.insert(0, r"\set n :n + 1")
    return "\n".join(sets) + "\n" + body + "\n"


# What ordod asks of each of its connections (server/store/db.c).
CONNECTION = "-c search_path=ordo -c lock_timeout=2s -c timezone=UTC -c plan_cache_mode=force_generic_plan"


def options(statements):
    """Options of a session that replays. A call without BEGIN has its settings only as long as it is one pipeline: the replay,
    one statement after the other, has them for the session, so that it finds what the call found."""
    found = {}
    for s in statements if statements[0].text != "BEGIN" else []:
        for name, n in re.findall(r"set_config\('([a-z.]+)', *\$(\d+)", s.text):
            found[name] = s.values[int(n) - 1] or ""
    return " ".join([CONNECTION] + [f"-c {name}={value}" for name, value in found.items()])


def cost_of_calls(path, start):
    """Waits on the database and statements of the usual call, by the server's own log behind offset `start`: the first calls
    of a worker also read what it keeps."""
    with open(path, encoding="utf-8", errors="replace") as log:
        log.seek(start)
        found = [(int(a), int(b)) for a, b in re.findall(r"msg=call method=request_\w+ .* waits=(\d+) statements=(\d+)", log.read())]
    if not found:
        raise RuntimeError("the server's log shows no calls")
    return tuple(sorted(column)[len(column) // 2] for column in zip(*found))
