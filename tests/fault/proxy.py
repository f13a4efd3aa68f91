#!/usr/bin/env python3
"""A TCP proxy that cuts a connection: proxy.py TO_HOST:TO_PORT [OPTION...]

Listens on a free port of 127.0.0.1, which it prints. Forwards until the client has sent --arm and
then --at (both as bytes of SQL), or until --bytes have passed in both directions together. Then,
once, the connection is cut as --cut says:

  before    the client's message is not forwarded
  forwarded it is forwarded, and nobody waits for the answer
  answered  it is forwarded, and the answer is thrown away
  partial   it is forwarded, and the first byte of the answer too

--reset cuts by RST instead of FIN. --linger SECONDS keeps the server's side open for so long, as a
network does that loses packets. Afterwards it forwards as if nothing had been, or refuses every
connection (--then refuse).

--garble N does not cut: from the server's N-th byte on, --garbled bytes are random ones (--seed).
Whoever waits in vain for the rest of what they announce is released after a second of silence.
--count says after each connection how many bytes the server has sent so far, and how many both.
"""
import argparse
import random
import select
import socket
import struct
import threading
import time


class Fault:
    def __init__(self, options):
        self.options = options
        self.armed = not options.arm
        self.done = False
        self.passed = 0
        self.tail = b""
        self.random = random.Random(options.seed)
        self.answered = 0
        self.garbled = False
        self.lock = threading.Lock()

    def in_message(self, data):
        """Whether this message of the client holds what the fault waits for."""
        at = self.options.at
        if self.done or not at:
            return False
        text = self.tail + data
        self.tail = text[-200:]
        if not self.armed and self.options.arm in text:
            self.armed = True
            text = text[text.index(self.options.arm):]
        return self.armed and at in text

    def garble(self, data):
        """The server's bytes as the client gets them."""
        start, count = self.options.garble, self.options.garbled
        with self.lock:
            first, self.answered = self.answered, self.answered + len(data)
            if start is None:
                return data
            out = bytearray(data)
            for i in range(max(start - first, 0), min(start + count - first, len(data))):
                if i == start - first:
                    print("garbled", flush=True)
                    self.garbled = True
                out[i] = self.random.randrange(256)
        return bytes(out)

    def in_bytes(self, count):
        """How many of count more bytes may pass."""
        with self.lock:
            room = count
            if not self.done and self.options.bytes is not None:
                room = max(self.options.bytes - self.passed, 0)
            self.passed += count
            return min(room, count)


def close(sock, reset=False):
    if reset:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    try:
        if not reset:
            sock.shutdown(socket.SHUT_RDWR)
        sock.close()
    except OSError:
        pass


def cut(client, server, options):
    print("cut", flush=True)
    close(client, options.reset)
    time.sleep(options.linger)
    close(server, options.reset)


def answer(server):
    """The first bytes of the server's answer, waited for."""
    server.settimeout(30)
    return server.recv(65536)


def cut_at_message(client, server, data, options):
    if options.cut != "before":
        server.sendall(data)
    if options.cut in ("answered", "partial"):
        first = answer(server)
        if options.cut == "partial":
            client.sendall(first[:1])
    cut(client, server, options)


def serve(client, options, fault):
    host, port = options.to.rsplit(":", 1)
    try:
        server = socket.create_connection((host, int(port)), timeout=10)
    except OSError:
        close(client, True)
        return
    for sock in (client, server):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        while True:
            ready, _, _ = select.select([client, server], [], [], 1 if fault.garbled else None)
            if not ready:
                return
            for sock in ready:
                data = sock.recv(65536)
                if not data:
                    return
                if sock is client and fault.in_message(data):
                    fault.done = True
                    cut_at_message(client, server, data, options)
                    return
                room = fault.in_bytes(len(data))
                if sock is server:
                    data = fault.garble(data)
                (server if sock is client else client).sendall(data[:room])
                if room < len(data):
                    fault.done = True
                    cut(client, server, options)
                    return
    except OSError:
        pass
    finally:
        if options.count:
            print("answered", fault.answered, flush=True)
            print("passed", fault.passed, flush=True)
        close(client)
        close(server)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("to")
    parser.add_argument("--arm", type=str.encode)
    parser.add_argument("--at", type=str.encode)
    parser.add_argument("--bytes", type=int)
    parser.add_argument("--cut", default="before",
                        choices=["before", "forwarded", "answered", "partial"])
    parser.add_argument("--reset", action="store_true")
    parser.add_argument("--linger", type=float, default=0)
    parser.add_argument("--then", default="forward", choices=["forward", "refuse"])
    parser.add_argument("--garble", type=int)
    parser.add_argument("--garbled", type=int, default=1)
    parser.add_argument("--count", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    fault = Fault(options)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(20)
    print(listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        if fault.done and options.then == "refuse":
            close(client, True)
            continue
        threading.Thread(target=serve, args=(client, options, fault), daemon=True).start()


main()
