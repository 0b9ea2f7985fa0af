# SPDX-License-Identifier: Apache-2.0
"""A client of ordo/1 in the standard library alone, written from proto/README.md.

It blocks: one thread, one connection, frames that nobody waits for yet are kept aside. Messages are dicts; their fields come
from the .proto files beside the protocol's description.
"""
import os
import re
import socket
import ssl
import struct
import time

HEADER = struct.Struct("<IBBHQII")
(HELLO, HELLO_OK, AUTH, AUTH_OK) = (0x01, 0x02, 0x03, 0x04)
(REQUEST, RESPONSE, ERROR, DATA, CANCEL, CREDIT) = (0x10, 0x11, 0x12, 0x13, 0x14, 0x15)
(SUBSCRIBE, UNSUBSCRIBE, EVENT, EVENT_ACK, BOOKMARK) = (0x20, 0x21, 0x22, 0x23, 0x24)
(PING, PONG, GOAWAY, INFO) = (0x30, 0x31, 0x32, 0x33)
(END, ZSTD, REPLAYED) = (0x01, 0x02, 0x08)
WINDOW_CALL, WINDOW_CONNECTION = 256 * 1024, 1024 * 1024
PROTO_DIR = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "proto")


class OrdoError(Exception):
    """An ERROR frame: status is the number in its header, the rest its payload."""

    def __init__(self, status, error, frame_id):
        super().__init__(f"{error.get('reason')}: {error.get('text')}")
        self.status, self.reason, self.frame_id = status, error.get("reason"), frame_id
        self.args_named = {a["name"]: a.get("value", "") for a in error.get("args", [])}
        self.violations, self.outcome, self.retry = error.get("violations", []), error.get("outcome"), error.get("retry")


class ConnectionClosed(Exception):
    """The server has closed the connection."""


# --- messages -------------------------------------------------------------------------------------------------------------

class Schema:
    """The messages of the .proto files: name -> {field: (number, type, repeated)}; enums are sets of names."""

    def __init__(self, directory=PROTO_DIR):
        self.messages, self.enums = {}, {}
        for name in sorted(os.listdir(directory)):
            if name.endswith(".proto"):
                with open(os.path.join(directory, name), encoding="utf-8") as file:
                    self._read(re.sub(r"//[^\n]*", "", file.read()))

    def _read(self, text):
        for kind, name, body in re.findall(r"\b(message|enum)\s+(\w+)\s*\{((?:[^{}]|\{[^{}]*\})*)\}", text):
            if kind == "enum":
                self.enums[name] = {k: int(v) for k, v in re.findall(r"(\w+)\s*=\s*(\d+)", body)}
                continue
            fields = {}
            for label, type_name, field, number in re.findall(
                    r"(?:\b(optional|repeated)\s+)?\b(\w+)\s+(\w+)\s*=\s*(\d+)\s*;", body):
                fields[field] = (int(number), type_name, label == "repeated")
            self.messages[name] = fields


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def take_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


FIXED = {"sfixed64": (1, "<q"), "fixed64": (1, "<Q"), "double": (1, "<d"), "sfixed32": (5, "<i"), "fixed32": (5, "<I")}


def encode(schema, name, message):
    """A dict as the bytes of message `name`."""
    out = bytearray()
    for field, value in message.items():
        number, kind, repeated = schema.messages[name][field]
        for one in value if repeated else [value]:
            if kind in FIXED:
                wire, packing = FIXED[kind]
                out += varint(number << 3 | wire) + struct.pack(packing, one)
            elif kind in ("string", "bytes") or kind in schema.messages:
                data = (one.encode() if kind == "string" else bytes(one) if kind == "bytes" else encode(schema, kind, one))
                out += varint(number << 3 | 2) + varint(len(data)) + data
            else:
                out += varint(number << 3) + varint(int(one))
    return bytes(out)


def _number(kind, value):
    if kind == "bool":
        return bool(value)
    return value - (1 << 64) if kind in ("int32", "int64") and value >> 63 else value


def decode(schema, name, data):
    """Bytes as a dict; unknown fields are skipped, absent ones are not in it."""
    by_number = {number: (field, kind, repeated) for field, (number, kind, repeated) in schema.messages[name].items()}
    out, at = {}, 0
    while at < len(data):
        tag, at = take_varint(data, at)
        field, kind, repeated = by_number.get(tag >> 3, (None, None, False))
        wire = tag & 7
        if wire == 0:
            value, at = take_varint(data, at)
            value = _number(kind, value)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            packing = FIXED.get(kind, (wire, "<q" if wire == 1 else "<i"))[1]
            value, at = struct.unpack(packing, data[at:at + size])[0], at + size
        elif wire == 2:
            size, at = take_varint(data, at)
            value, at = data[at:at + size], at + size
            if kind == "string":
                value = value.decode()
            elif kind in schema.messages:
                value = decode(schema, kind, value)
        else:
            raise ValueError(f"{name}: wire type {wire}")
        if field and repeated:
            out.setdefault(field, []).append(value)
        elif field:
            out[field] = value
    return out


def uuid7(now_us):
    """An idempotency key: 48 bits of milliseconds, version, variant, random."""
    random = bytearray(os.urandom(10))
    random[0] = random[0] & 0x0F | 0x70
    random[2] = random[2] & 0x3F | 0x80
    return (now_us // 1000).to_bytes(6, "big") + bytes(random)


# --- the client -----------------------------------------------------------------------------------------------------------

class Frame:
    """One frame as it came."""

    def __init__(self, header, payload):
        (_, self.type, self.flags, self.method, self.id, self.timeout_ms, self.aux) = header
        self.payload = payload


class Subscription:
    """Events of one inbox: next_event() gives them, ack() says that they are handled."""

    def __init__(self, client, frame_id, bookmark):
        self.client, self.id = client, frame_id
        self.start, self.bookmark = bookmark.get("seq", 0), bookmark
        self.last = self.start

    def next_event(self, timeout=10.0):
        """The next event as a dict, None when none came in time; bookmarks are noted on the way."""
        until = time.monotonic() + timeout
        while True:
            frame = self.client.await_frame(self.id, until)
            if frame is None:
                return None
            if frame.type == BOOKMARK:
                self.bookmark = self.client.decode("Bookmark", frame.payload)
                continue
            self.client.consumed(frame)
            event = self.client.decode("Event", frame.payload)
            self.last = event["seq"]
            return event

    def ack(self, seq=None):
        """Everything up to seq (or the last event) is handled."""
        payload = self.client.encode("EventAck", {"seq": self.last if seq is None else seq})
        self.client.send(EVENT_ACK, self.id, payload=payload)

    def unsubscribe(self):
        """Ends it; what was acknowledged is kept when this returns."""
        self.client.send(UNSUBSCRIBE, self.id)
        while self.client.await_frame(self.id, time.monotonic() + 10).type != RESPONSE:
            pass


class OrdoClient:
    """One connection. Methods are called by the name of proto/methods.def."""

    def __init__(self, host, port, ca=None, cert=None, key=None, timeout=10.0):
        self.schema, self.methods = Schema(), load_methods()
        context = ssl.create_default_context(cafile=ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.set_alpn_protocols(["ordo/1"])
        if cert:
            context.load_cert_chain(cert, key)
        raw = socket.create_connection((host, port), timeout)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = context.wrap_socket(raw, server_hostname=host)
        if self.socket.selected_alpn_protocol() != "ordo/1":
            raise ConnectionClosed("the server does not speak ordo/1")
        self.received, self.next_id, self.waiting = bytearray(), 1, {}
        self.owed = {0: 0}       # DATA and EVENT bytes read and not given back as credit, by id
        self.goaway, self.info, self.clock_us = [], [], 0
        self.hello_ok = self.auth_ok = None

    # messages
    def encode(self, name, message):
        return encode(self.schema, name, message)

    def decode(self, name, data):
        return decode(self.schema, name, data)

    # frames
    def send(self, kind, frame_id, flags=0, method=0, timeout_ms=0, aux=0, payload=b""):
        self.socket.sendall(HEADER.pack(len(payload), kind, flags, method, frame_id, timeout_ms, aux) + payload)

    def open_id(self):
        frame_id, self.next_id = self.next_id, self.next_id + 2
        return frame_id

    def read_frame(self, until):
        """The next frame off the wire, None when the time is over."""
        while True:
            if len(self.received) >= HEADER.size:
                header = HEADER.unpack_from(self.received)
                size = HEADER.size + header[0]
                if len(self.received) >= size:
                    payload = bytes(self.received[HEADER.size:size])
                    del self.received[:size]
                    return Frame(header, payload)
            left = until - time.monotonic()
            if left <= 0:
                return None
            self.socket.settimeout(left)
            try:
                data = self.socket.recv(65536)
            except (TimeoutError, ssl.SSLWantReadError):
                return None
            except (ConnectionError, ssl.SSLError) as error:
                raise ConnectionClosed(str(error)) from error
            if not data:
                raise ConnectionClosed("the server has closed the connection")
            self.received += data

    def _of_the_connection(self, frame):
        """Deals with what belongs to no id of ours; True when it did."""
        if frame.type == PING:
            self.send(PONG, frame.id)
        elif frame.type == GOAWAY:
            self.goaway.append(self.decode("GoAway", frame.payload))
        elif frame.type == INFO:
            self.info.append(self.decode("Info", frame.payload))
        elif frame.type == CREDIT or frame.type >= 0x80:
            pass  # this client uploads nothing
        elif frame.type == ERROR and frame.id == 0:
            raise OrdoError(frame.method, self.decode("Error", frame.payload), 0)
        else:
            return False
        return True

    def await_frame(self, frame_id, until):
        """The next frame of an id; others are kept for whoever asks. An ERROR raises."""
        while True:
            kept = self.waiting.get(frame_id)
            frame = kept.pop(0) if kept else self.read_frame(until)
            if frame is None:
                return None
            if not kept and frame.id != frame_id and not self._of_the_connection(frame):
                self.waiting.setdefault(frame.id, []).append(frame)
            if frame.id != frame_id:
                continue
            if frame.type == ERROR:
                raise OrdoError(frame.method, self.decode("Error", frame.payload), frame_id)
            return frame

    def answer(self, frame_id, timeout=35.0):
        frame = self.await_frame(frame_id, time.monotonic() + timeout)
        if frame is None:
            raise TimeoutError("no answer in time")
        return frame

    def consumed(self, frame):
        """Gives credit back for a DATA or EVENT that was used, when half a window is owed."""
        for frame_id, window in ((frame.id, WINDOW_CALL), (0, WINDOW_CONNECTION)):
            self.owed[frame_id] = self.owed.get(frame_id, 0) + len(frame.payload)
            if self.owed[frame_id] >= window // 2:
                self.send(CREDIT, frame_id, aux=self.owed[frame_id])
                self.owed[frame_id] = 0

    # the protocol
    def hello(self, name="ordo_client.py"):
        frame_id = self.open_id()
        self.send(HELLO, frame_id, payload=self.encode("Hello", {
            "min_version": 0, "max_version": 0, "features": 0, "max_frame": 1 << 20, "credit_call": WINDOW_CALL,
            "credit_connection": WINDOW_CONNECTION, "client": name, "language": "en"}))
        self.hello_ok = self.decode("HelloOk", self.answer(frame_id).payload)
        self.clock_us = self.hello_ok["server_time_us"] - time.monotonic_ns() // 1000
        return self.hello_ok

    def auth(self, login=None, password=None, api_key=None, session=None, certificate=False):
        proof = ({"password": {"login": login, "password": password}} if login else {"api_key": api_key} if api_key else
                 {"session": session} if session else {"certificate": certificate})
        frame_id = self.open_id()
        self.send(AUTH, frame_id, payload=self.encode("Auth", proof))
        self.auth_ok = self.decode("AuthOk", self.answer(frame_id).payload)
        return self.auth_ok

    def make_key(self):
        """A key dated by the server's clock."""
        return uuid7(self.clock_us + time.monotonic_ns() // 1000)

    def _request(self, method, message, key, timeout_ms):
        number, stem, access = self.methods[method]
        if key is None and access in ("WRITE", "LOCAL"):
            key = self.make_key()
        meta = self.encode("Meta", {"trace": os.urandom(16), **({"key": key} if key else {})})
        frame_id = self.open_id()
        body = self.encode(stem + "Req", message)
        self.send(REQUEST, frame_id, END, number, timeout_ms, payload=struct.pack("<H", len(meta)) + meta + body)
        return frame_id, stem

    def call_frame(self, method, message=None, key=None, timeout_ms=0):
        """(reply, was it replayed); a changing call without a key gets one."""
        frame_id, stem = self._request(method, message or {}, key, timeout_ms)
        frame = self.answer(frame_id, (timeout_ms or 30000) / 1000 + 5)
        return self.decode(stem + "Rep", frame.payload), bool(frame.flags & REPLAYED)

    def call(self, method, message=None, key=None, timeout_ms=0):
        return self.call_frame(method, message, key, timeout_ms)[0]

    def list(self, method, message=None, timeout_ms=0):
        """(rows of all pages, reply)."""
        frame_id, stem = self._request(method, message or {}, None, timeout_ms)
        rows, chunk = [], 0
        while True:
            frame = self.answer(frame_id, (timeout_ms or 30000) / 1000 + 5)
            if frame.type == RESPONSE:
                return rows, self.decode(stem + "Rep", frame.payload)
            if frame.type != DATA or frame.aux != chunk:
                raise ValueError(f"DATA {chunk} was expected")
            chunk += 1
            self.consumed(frame)
            rows += self.decode(stem + "Part", frame.payload).get("rows", [])

    def subscribe(self, name, after=None, from_now=None):
        wanted = {"name": name}
        if after is not None:
            wanted["after"] = after
        if from_now is not None:
            wanted["from_now"] = from_now
        frame_id = self.open_id()
        self.send(SUBSCRIBE, frame_id, payload=self.encode("Subscribe", wanted))
        return Subscription(self, frame_id, self.decode("Bookmark", self.answer(frame_id).payload))

    def cancel(self, frame_id):
        self.send(CANCEL, frame_id)

    def ping(self):
        frame_id = self.open_id()
        began = time.monotonic()
        self.send(PING, frame_id)
        self.answer(frame_id)
        return time.monotonic() - began

    def close(self):
        try:
            self.socket.unwrap()
        except (OSError, ValueError):
            pass
        self.socket.close()

    def cut(self):
        """Drops the connection without a word, as a lost network would."""
        socket.socket.close(self.socket)


def load_methods(path=os.path.join(PROTO_DIR, "methods.def")):
    """name -> (id, message stem, access)."""
    with open(path, encoding="utf-8") as file:
        rows = re.findall(r"^M\(\s*(\d+),\s*(\w+),\s*(\w+),\s*\w+,\s*(\w+)\)", file.read(), re.M)
    return {name: (int(number), stem, access) for number, name, stem, access in rows}
