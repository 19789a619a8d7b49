#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""Two access points that find each other in a real SMP (phoss SMP), and what they do when it lies or is away.

phoss SMP speaks plain HTTP; as everywhere, a front of its own speaks TLS for it: here one that can also alter what
passes (issue line 6.4).
"""
import base64
import http.client
import http.server
import json
import os
import shutil
import ssl
import subprocess
import sys
import threading
import types
import urllib.parse

import live
from installation import BUILD, Organisation, world

ENVELOPE = ('<ServiceMetadata xmlns="http://docs.oasis-open.org/bdxr/ns/SMP/2016/05"><ServiceInformation>'
            '<ParticipantIdentifier scheme="iso6523-actorid-upis">{participant}</ParticipantIdentifier>'
            '<DocumentIdentifier scheme="busdox-docid-qns">{document}</DocumentIdentifier><ProcessList><Process>'
            '<ProcessIdentifier scheme="urn:fdc:digg.se:edelivery:process">bdx:noprocess</ProcessIdentifier>'
            '<ServiceEndpointList><Endpoint transportProfile="digg-transport-as4-v1_0"><EndpointURI>{url}</EndpointURI>'
            '<RequireBusinessLevelSignature>false</RequireBusinessLevelSignature><Certificate>{ap}</Certificate>'
            '<ServiceDescription>interop test only</ServiceDescription>'
            '<TechnicalContactUrl>mailto:test@example.se</TechnicalContactUrl></Endpoint></ServiceEndpointList>'
            '</Process></ProcessList><Extension>'
            '<ExtensionID>urn:fdc:digg.se:edelivery:xml-extension:smp-certpub:1.0</ExtensionID>'
            '<smc:Certificate xmlns:smc="http://docs.oasis-open.org/bdxr/ns/SMP/2/AggregateComponents"'
            ' xmlns:smb="http://docs.oasis-open.org/bdxr/ns/SMP/2/BasicComponents">'
            '<smb:TypeCode>urn:fdc:digg.se:edelivery:certpub:{use}</smb:TypeCode>'
            '<smb:ContentBinaryObject mimeCode="application/base64">{o2o}</smb:ContentBinaryObject></smc:Certificate>'
            '</Extension></ServiceInformation></ServiceMetadata>')
GROUP = ('<ServiceGroup xmlns="http://docs.oasis-open.org/bdxr/ns/SMP/2016/05"><ParticipantIdentifier'
         ' scheme="iso6523-actorid-upis">{participant}</ParticipantIdentifier><ServiceMetadataReferenceCollection/>'
         '</ServiceGroup>')


class Phoss:
    def __init__(self, folder):
        self.tool, self.folder = live.tool("phoss-smp"), folder
        self.port = 0
        self.start()

    def start(self):
        done = subprocess.run([self.tool, "start", self.folder] + ([str(self.port)] if self.port else []),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode == 77:
            live.skip(done.stderr.strip().splitlines()[-1])
        if done.returncode != 0:
            raise AssertionError("phoss-smp: " + done.stderr[-500:])
        self.ready = json.loads(done.stdout)
        self.port = int(self.ready["url"].rsplit(":", 1)[1])

    def stop(self):
        subprocess.run([self.tool, "stop", self.folder], stdin=subprocess.DEVNULL, check=False)

    def put(self, path, body):
        word = base64.b64encode(("%(user)s:%(password)s" % self.ready).encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("PUT", path, body.encode(), {"Content-Type": "text/xml", "Authorization": "Basic " + word})
        answer = connection.getresponse()
        assert answer.status == 200, (path, answer.status, answer.read()[:500])
        connection.close()

    def publish(self, env, name, url):
        participant = "0203:%s.example" % name
        group = "/" + urllib.parse.quote("iso6523-actorid-upis::" + participant, safe="")
        self.put(group, GROUP.format(participant=participant))
        for document, use in ((live.MESSAGE, "encryption-cert"), (live.RECEIPT, "signing-cert")):
            self.put(group + "/services/" + urllib.parse.quote("busdox-docid-qns::" + document, safe=""),
                     ENVELOPE.format(participant=participant, document=document, url=url, use=use,
                                     ap=octets_of("%s/%s/ap.pem" % (env, name)),
                                     o2o=octets_of("%s/%s/o2o.pem" % (env, name))))


def octets_of(path):
    """The first certificate of a PEM file, base64 of its DER."""
    text = open(path).read().split("-----BEGIN CERTIFICATE-----", 1)[1].split("-----END", 1)[0]
    return "".join(text.split())


class Front:
    """TLS in front of the SMP; `alter` changes an answer on its way."""

    def __init__(self, env, target):
        self.env, self.target, self.alter, self.port, self.asked = env, target, None, 0, []
        self.start()

    def start(self):
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                front.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.env + "/smp/tls.pem", self.env + "/smp/tls.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request):
        self.asked.append(request.path)
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.target.port, timeout=30)
            connection.request("GET", request.path)
            got = connection.getresponse()
            status, body, kind = got.status, got.read(), got.getheader("Content-Type", "text/plain")
        except OSError:
            status, body, kind = 502, b"the SMP is away\n", "text/plain"
        if self.alter is not None:
            body = self.alter(body)
        request.send_response(status)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(body)))
        request.send_header("Connection", "close")  # so that stop() leaves nobody behind
        request.end_headers()
        request.wfile.write(body)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def set_values(path, values):
    """`key = value` lines of posthorn.conf; None takes a line away."""
    lines, missing = [], [k for k in values if "\n%s = " % k not in open(path).read()]
    for line in open(path):
        word = line.split(" ")[0]
        if word in values:
            line = "" if values[word] is None else "%s = %s\n" % (word, values[word])
        lines.append(line)
        if line == "[accesspoint-send]\n":
            lines += ["%s = %s\n" % (k, v) for k, v in values.items() if k in missing]
    open(path, "w").write("".join(lines))


class Scene:
    def __init__(self, scratch):
        self.scratch, self.score, self.keys = scratch, live.Score(), world()
        self.env = os.path.join(self.keys, "open-test")
        self.phoss = Phoss(scratch + "/phoss")
        self.front = Front(self.env, self.phoss)
        self.organisations = []

    def begin(self):
        for name, party in (("kommun", live.OUR_PARTY), ("myndighet", live.THEIR_PARTY)):
            url = "https://127.0.0.1:%d/" % self.front.port
            one = Organisation(self.scratch + "/" + name, self.keys, name, party, url)
            set_values(one.folder + "/posthorn.conf",
                       {"smp-anchors": self.phoss.ready["ca"], "smp-crl": None, "directory-cache": "0s",
                        "retry-window": "24h"})
            one.start()
            self.organisations.append(one)
            one.fix_ports()
            self.phoss.publish(self.env, name, one.msh)
        self.kommun, self.myndighet = self.organisations

    def stop(self):
        for one in self.organisations:
            one.stop()
        self.front.stop()
        self.phoss.stop()

    def found(self):
        """Published there, looked up, verified, sent by it, and the receipt came back by it."""
        data = os.urandom(30000)
        message = live.our_letter(self.kommun, data)
        self.score.attempt("found in the SMP: delivered", self.kommun.await_status, message, "delivered", 40)
        item = self.score.attempt("found in the SMP: in the inbox", live.await_inbox, self.myndighet, message)
        if item:
            _, files = live.read_letter(self.myndighet, item[0])
            self.score.claim("found in the SMP: the attachment is what was sent", files == [data])
        paths = " ".join(self.front.asked).lower()
        self.score.claim("both were looked up there", "kommun.example" in paths and "myndighet.example" in paths, paths)

    def altered(self):
        """One character of what was signed."""
        for what, old, new in (("endpoint", b"/msh<", b"/msx<"), ("CertPub", b"encryption-cert", b"encryption-cerd"),
                               ("signature", b"SignatureValue>", b"SignatureValue>AA")):
            self.front.alter = lambda body, old=old, new=new: body.replace(old, new, 1)
            message = live.our_letter(self.kommun, b"x" * 100)
            name = "altered answer (%s)" % what
            seen = self.score.attempt(name + ": refused", self.kommun.await_status, message, "refused")
            why = live.events(self.kommun, message)[-1]
            self.score.claim(name + ": the reason names the directory",
                             seen is not None and "directory (SMP)" in why[1], why)
            self.score.claim(name + ": nothing was pushed", "sealed" not in dict(live.events(self.kommun, message)))
        self.front.alter = None

    def unknown(self):
        to = types.SimpleNamespace(participant="0203:okand.example", address="sdk:inkorg:0203:okand.example")
        message = self.kommun.send(self.kommun.letter(to))
        self.score.attempt("unknown participant: refused", self.kommun.await_status, message, "refused")
        why = live.events(self.kommun, message)[-1]
        self.score.claim("unknown participant: said so", "knows no such service of 0203:okand.example" in why[1], why)

    def stopped(self):
        """Away: tried again with the reason; when it is back, delivered; past the window, a person's."""
        self.phoss.stop()
        message = live.our_letter(self.kommun, b"x" * 100)
        self.score.attempt("stopped SMP: tried again", live.await_event, self.kommun, message, "HTTP 502")
        self.front.stop()
        self.score.attempt("nobody listens: tried again", live.await_event, self.kommun, message, "connect")
        self.score.claim("it waits", self.kommun.status(message)["status"] == "accepted", self.kommun.status(message))
        self.kommun.stop()
        set_values(self.kommun.folder + "/posthorn.conf", {"retry-window": "2s"})
        self.kommun.start()
        late = live.our_letter(self.kommun, b"x" * 100)
        self.score.attempt("past the window: a person's", self.kommun.await_status, late, "parked")
        self.score.attempt("and the first one too", self.kommun.await_status, message, "parked")
        self.kommun.stop()
        set_values(self.kommun.folder + "/posthorn.conf", {"retry-window": "24h"})
        self.front.start()
        self.phoss.start()
        self.kommun.start()
        for one in (message, late):
            code, said = live.run(BUILD + "/bin/posthorn", "queue", "retry", one, self.kommun.folder)
            self.score.claim("a person says: again", code == 0, said)
            self.score.attempt("the SMP is back: delivered", self.kommun.await_status, one, "delivered", 40)


def main():
    scratch = live.scratch_folder("smp")
    scene = Scene(scratch)
    try:
        scene.begin()
        for step in (scene.found, scene.altered, scene.unknown, scene.stopped):
            scene.score.attempt(step.__name__, step)
    finally:
        scene.stop()
    if scene.score.failed:
        print("left for a look:", scratch)
    else:
        shutil.rmtree(scratch)
    return scene.score.end("live_smp")


sys.exit(main())
