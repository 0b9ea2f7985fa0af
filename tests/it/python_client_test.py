#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The protocol as its page describes it, by a client that shares no code with the server.

One person registers requests and gives them to another, who watches: logs in, subscribes, is cut, resumes by his session
behind his last sequence, and sees every event once.
"""
import argparse
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ordo_client import ConnectionClosed, OrdoClient, OrdoError  # noqa: E402

ASSIGNED = 1


class Run:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, holds, seen=None):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {name}" + ("" if seen is None else f": {seen!r}"))


def refused(call):
    """The error that a call ends with, None when it went well."""
    try:
        call()
    except OrdoError as error:
        return error
    return None


def connect(a, login=None, password=None, session=None):
    client = OrdoClient(a.host, a.port, a.ca)
    client.hello()
    if login or session:
        client.auth(login=login, password=password, session=session)
    return client


def the_start(run, a):
    client = OrdoClient(a.host, a.port, a.ca)
    ok = client.hello()
    run.check("HELLO_OK names the environment", len(ok.get("environment", b"")) == 16, ok)
    run.check("HELLO_OK gives the limits", ok.get("max_in_flight") == 256 and ok.get("max_frame") == 1 << 20, ok)
    error = refused(lambda: client.call("echo", {"payload": b"x"}))
    run.check("a call before AUTH is refused and named", error and error.reason == "LOGIN_REQUIRED", error)
    error = refused(lambda: client.auth(a.login, "not " + a.password))
    run.check("a wrong password is refused", error and error.reason == "LOGIN_FAILED", error)
    auth = client.auth(a.login, a.password)
    run.check("AUTH_OK gives a session", len(auth.get("session", b"")) == 32)
    run.check("echo gives back what it got", client.call("echo", {"payload": b"\x00\xffecho"}).get("payload") == b"\x00\xffecho")
    run.check("PING is answered", client.ping() < 5)
    big = bytes(range(256)) * 2000
    run.check("half a megabyte goes to and fro", client.call("echo", {"payload": big}).get("payload") == big)
    client.close()


def request_of(a, customer, kind, title):
    fields = [dict(zip(("name", "value"), field.split("=", 1))) for field in a.fields]
    return {"customer_id": customer, "type_id": kind, "title": title, "channel": 4, "fields": fields}


def a_request(run, a, head, customer, kind):
    """Registers one, twice with the same key; returns its id."""
    key = head.make_key()
    wanted = request_of(a, customer, kind, "Printer on fire")
    first, replayed = head.call_frame("request_register", wanted, key)
    run.check("a request is registered", first.get("id", 0) > 0 and not replayed, first)
    again, replayed = head.call_frame("request_register", wanted, key)
    run.check("the same key gives the stored answer", again == first and replayed, again)
    error = refused(lambda: head.call("request_register", {**wanted, "title": "another"}, key))
    run.check("the key of another call is refused", error and error.reason == "KEY_OTHER_CALL", error)
    return first["id"]


def first_row(head, method):
    rows, reply = head.list(method)
    return rows[0]["id"], len(rows), reply


def watching(run, a):
    head = connect(a, a.login, a.password)
    watcher = connect(a, a.watcher, a.watcher_password or a.password)
    me, session = watcher.auth_ok["principal_id"], watcher.auth_ok["session"]
    customer, count, reply = first_row(head, "customer_list")
    run.check("a list ends with its reply", reply.get("rows", count) == count, reply)
    customer, kind = a.customer or customer, a.type or first_row(head, "request_type_list")[0]

    inbox = watcher.subscribe("python", from_now=True)
    start = inbox.last
    ids = [a_request(run, a, head, customer, kind)]
    head.call("request_assign", {"request_id": ids[0], "assignee_id": me})
    event = inbox.next_event()
    run.check("the assignment is pushed", event and event["request_id"] == ids[0] and event["kind"] == ASSIGNED, event)
    run.check("its sequence is the next one", event and event["seq"] == start + 1, event)
    inbox.ack()
    watcher.cut()

    for title in ("while nobody listened", "and once more"):
        one = head.call("request_register", request_of(a, customer, kind, title))
        head.call("request_assign", {"request_id": one["id"], "assignee_id": me})
        ids.append(one["id"])
    watcher = connect(a, session=session)
    run.check("the session proves who one is", watcher.auth_ok["principal_id"] == me, watcher.auth_ok)
    inbox = watcher.subscribe("python", after=start + 1)
    run.check("the subscription goes on behind the last sequence", inbox.start == start + 1, inbox.start)
    seen = [inbox.next_event() for _ in range(2)]
    run.check("no gap and no repeat over the cut", [e and (e["seq"], e["request_id"]) for e in seen] ==
              [(start + 2, ids[1]), (start + 3, ids[2])], seen)
    inbox.ack()
    inbox.unsubscribe()
    inbox = watcher.subscribe("python")
    run.check("what was acknowledged is remembered under the name", inbox.start == start + 3, inbox.start)
    error = refused(lambda: watcher.subscribe("python-2", after=start + 1000000))
    run.check("a sequence that never was is refused", error and error.reason == "SUBSCRIPTION_GAP", error)

    rows, _ = watcher.list("request_list", {"assignee_id": me})
    run.check("the list of one's requests has them", set(ids) <= {row["id"] for row in rows}, rows)
    error = refused(lambda: head.call("request_get", {"request_id": 1 << 60}))
    run.check("what is not there is named", error and error.reason == "NO_SUCH", error)
    head.close()
    watcher.close()


def the_rules(run, a):
    client = connect(a, a.login, a.password)
    client.next_id = 1  # used before
    error = refused(client.ping)
    run.check("a reused id breaks the protocol", error and error.reason == "FRAME_ID", error)
    try:
        client.read_frame(time.monotonic() + 5)
        closed = False
    except ConnectionClosed:
        closed = True
    run.check("and closes the connection", closed)
    client = connect(a, a.login, a.password)
    run.check("the next one is served", client.ping() < 5)
    client.close()


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--host", default="localhost")
    p.add_argument("--port", type=int, required=True)
    p.add_argument("--ca", required=True, help="whom to trust, PEM")
    p.add_argument("--login", required=True, help="who registers and assigns")
    p.add_argument("--password", required=True)
    p.add_argument("--watcher", required=True, help="who gets the requests and watches")
    p.add_argument("--watcher-password", help="as --password where it is missing")
    p.add_argument("--customer", type=int, help="the first one of customer_list where it is missing")
    p.add_argument("--type", type=int, help="the first one of request_type_list where it is missing")
    p.add_argument("--fields", nargs="*", default=[], help="name=value that the type wants")
    a = p.parse_args()
    run = Run()
    for part in (the_start, watching, the_rules):
        try:
            part(run, a)
        except (OrdoError, OSError, ConnectionClosed, TimeoutError) as error:
            run.check(part.__name__, False, error)
    print(f"{run.passed} passed, {run.failed} failed")
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
