# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""A stand-in for a bad network and bad peers: it ends TLS as the receiver, sees whole requests, and passes them on or not.

    with Between(listener_keys, caller_keys, trust, target) as between:
        between.next("answer-lost")   # what happens to the next connection; then all is passed on
"""
import http.client
import re
import socket
import ssl
import struct
import threading
import time


class Between:
    def __init__(self, server, client, trust, target):
        """server, client: paths of key and chain without their ending; target: "host:port"."""
        self.inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.inside.load_cert_chain(server + ".pem", server + ".key")
        self.inside.verify_mode = ssl.CERT_OPTIONAL
        self.inside.load_verify_locations(trust)
        self.outside = ssl.create_default_context(cafile=trust)
        self.outside.load_cert_chain(client + ".pem", client + ".key")
        self.target, self.word, self.kept, self.answers = target, "pass", [], []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.most, self.open, self.turned_away = None, 0, 0  # connections

    def __enter__(self):
        threading.Thread(target=self.accept_all, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept_all(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            if self.most is not None and self.open >= self.most:
                connection.close()
                self.turned_away += 1
                continue
            with self.lock:
                self.open += 1
            threading.Thread(target=self.serve_one, args=(connection,), daemon=True).start()

    def serve_one(self, connection):
        try:
            self.serve(connection)
        finally:
            with self.lock:
                self.open -= 1

    def next(self, word):
        """Kept connections end, so that a new one must come."""
        with self.lock:
            self.word, old, self.kept = word, self.kept, []
        for one in old:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def take_word(self, connection):
        with self.lock:
            word, self.word = self.word, "pass"
            self.kept.append(connection)
            return word

    def serve(self, connection):
        word = self.take_word(connection)
        try:
            connection.settimeout(60)
            self.play(word, connection)
        except OSError:
            pass
        finally:
            connection.close()

    def play(self, word, plain):
        if word == "cut-at-accept":
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
            return
        if word == "no-tls":
            plain.recv(100)
            plain.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            return
        with self.inside.wrap_socket(plain, server_side=True) as tls:
            with self.lock:
                self.kept.append(tls)
            if word == "cut-after-tls":
                return
            if word == "cut-mid-request":
                tls.recv(2000)
                return
            head, body = read_request(tls)
            while True:  # a kept connection: more requests may come
                self.answer(word, tls, head, body)
                if word != "pass":
                    return
                head, body = read_request(tls)

    def answer(self, word, tls, head, body):
        made = {"error-page": (500, "text/html", b"<html>out of order</html>"),
                "junk": (200, "application/soap+xml", b"<S12:Envelope>&oops;"),
                "nothing": (204, "text/plain", b""),
                "unsigned-duplicate": (200, "application/soap+xml", duplicate(body)),
                "old-receipt": (200, "application/soap+xml", self.answers[0] if self.answers else b"")}
        if word == "cut-before-answer":
            return
        if word in made:
            reply(tls, *made[word])
            return
        status, form, octets = self.forward(head, body)
        if word == "answer-lost":
            return
        if word == "slow-answer":
            time.sleep(3)
        if word == "answer-half":
            whole = response(status, form, octets)
            tls.sendall(whole[:len(whole) - len(octets) // 2])
            return
        if word == "altered-receipt":
            octets = altered(octets)
        if word == "drop-by-drop":
            for octet in response(status, form, octets):
                tls.sendall(bytes([octet]))
            return
        reply(tls, status, form, octets)

    def forward(self, head, body):
        host, port = self.target.rsplit(":", 1)
        onward = http.client.HTTPSConnection(host, int(port), timeout=60, context=self.outside)
        line, *fields = head.decode("latin-1").split("\r\n")
        kept = {f.split(":", 1)[0]: f.split(":", 1)[1].strip() for f in fields if f}
        onward.request("POST", line.split(" ")[1], body, {"Content-Type": kept["Content-Type"]})
        answer = onward.getresponse()
        octets = answer.read()
        onward.close()
        self.answers.append(octets)
        return answer.status, answer.getheader("Content-Type"), octets


def duplicate(body):
    """What says that the message in that request came before, signed by nobody."""
    message = re.search(rb"[<:]MessageId>([^<]+)<", body).group(1)
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()).encode()
    return (b'<S12:Envelope xmlns:S12="http://www.w3.org/2003/05/soap-envelope"><S12:Header><eb:Messaging'
            b' xmlns:eb="http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/" S12:mustUnderstand="true">'
            b"<eb:SignalMessage><eb:MessageInfo><eb:Timestamp>" + now + b"</eb:Timestamp><eb:MessageId>error@between"
            b"</eb:MessageId><eb:RefToMessageId>" + message + b"</eb:RefToMessageId></eb:MessageInfo><eb:Error"
            b' errorCode="EBMS:4001" severity="failure" refToMessageInError="' + message + b'"/></eb:SignalMessage>'
            b"</eb:Messaging></S12:Header><S12:Body/></S12:Envelope>")


def read_request(tls):
    text = b""
    while b"\r\n\r\n" not in text:
        more = tls.recv(65536)
        if not more:
            raise OSError("the caller went away")
        text += more
    head, body = text.split(b"\r\n\r\n", 1)
    fields = {k.strip().lower(): v.strip() for k, v in
              (line.split(b":", 1) for line in head.split(b"\r\n")[1:])}
    if fields.get(b"expect", b"").lower() == b"100-continue":
        tls.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    while len(body) < int(fields[b"content-length"]):
        more = tls.recv(65536)
        if not more:
            raise OSError("the caller went away")
        body += more
    return head, body


def altered(octets):
    """Another digest of the same length in a receipt."""
    at = octets.index(b"DigestValue>") + len(b"DigestValue>")
    return octets[:at] + (b"B" if octets[at:at + 1] == b"A" else b"A") + octets[at + 1:]


def response(status, form, octets):
    return ("HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (status, form, len(octets))).encode() + octets


def reply(tls, status, form, octets):
    tls.sendall(response(status, form, octets))
