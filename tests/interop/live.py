# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""Foreign access points beside ours, for the tests that send messages both ways over mutual TLS.

kommun runs our four programs; myndighet is the foreign one, with myndighet's keys of the test world. Both are
published by the SMP stand-in. The foreign ones themselves are in live_peers.py.
"""
import base64
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import uuid
import xml.etree.ElementTree as ET

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "flow"))
import installation  # noqa: E402
from installation import BUILD, TOP  # noqa: E402

SHARED = os.environ.get("POSTHORN_SHARED") or os.path.join(TOP, "..", "shared")
TOOLS = os.path.join(SHARED, "tools")
STYLES = ["bst", "pkipath", "ski", "issuerserial"]
MESSAGE = "urn:riv:infrastructure:messaging:MessageWithAttachments:3::messagePayload##3.0::tm-base-ext-sigenc"
RECEIPT = ("urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2::ApplicationResponse"
           "##fdc:digg.se:edelivery:messagetype:response:1::2.1::tm-base-ext-sigenc")
PROCESS, PROCESS_TYPE = "bdx:noprocess", "urn:fdc:digg.se:edelivery:process"
PARTY_TYPE = "urn:fdc:digg.se:edelivery:transportprofile:as4:partytype:ap"
SDK = "{urn:riv:infrastructure:messaging:MessageWithAttachments:3}"
OUR_PARTY, THEIR_PARTY = "AP0001-OPEN-TEST", "AP0002-OPEN-TEST"
OUR_ID, THEIR_ID = "0203:kommun.example", "0203:myndighet.example"


def skip(why):
    print("SKIP: " + why)
    sys.exit(77)


def tool(name, *ready):
    """The path of a foreign tool that works here; else the test is skipped with one line."""
    path = os.path.join(TOOLS, name, name)
    if not os.access(path, os.X_OK):
        skip("%s is not at %s" % (name, TOOLS))
    if ready:
        done = subprocess.run([path, *ready], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode == 77:
            skip((done.stderr.strip().splitlines() or [name + " cannot run here"])[-1])
        if done.returncode != 0:
            sys.exit("%s %s: %s" % (name, " ".join(ready), (done.stdout + done.stderr)[-2000:]))
    return path


class Score:
    """Claims that are counted; the first words of a failure are the claim."""

    def __init__(self):
        self.passed = self.failed = 0

    def claim(self, text, truth, seen=""):
        if truth:
            self.passed += 1
        else:
            self.failed += 1
            print("FAIL %s: %s" % (text, str(seen)[:1500]), flush=True)
        return bool(truth)

    def attempt(self, text, step, *args):
        """A step that must go through; what it gives, or None."""
        try:
            found = step(*args)
        except (AssertionError, OSError, ValueError, KeyError, IndexError, TypeError) as fault:
            self.claim(text, False, "%s: %s" % (type(fault).__name__, fault))
            return None
        self.claim(text, True)
        return found

    def end(self, name):
        print("%s: %d passed, %d failed" % (name, self.passed, self.failed))
        return 1 if self.failed or not self.passed else 0


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class World:
    """kommun and the SMP run; myndighet is at a port where a peer will be."""

    def __init__(self, scratch):
        self.scratch, self.keys = scratch, installation.world()
        self.env = os.path.join(self.keys, "open-test")
        os.environ["POSTHORN_RETRY_FIRST"] = "300ms"
        self.smp = installation.Smp(scratch + "/smp", self.keys)
        self.port = free_port()
        self.kommun = installation.Organisation(scratch + "/kommun", self.keys, "kommun", OUR_PARTY, self.smp.url)
        self.known = scratch + "/known.pem"  # anchors and the leaves that do not travel
        with open(self.known, "w") as f:
            for name in ("trust/ap.pem", "kommun/ap.pem", "myndighet/ap.pem"):
                f.write(open(os.path.join(self.env, name)).read())
        self.leaf = scratch + "/kommun-ap.pem"
        subprocess.run(["openssl", "x509", "-in", self.path("kommun/ap.pem"), "-out", self.leaf], check=True)
        self.running = False
        self.published = self.peer_published = False

    def path(self, name):
        return os.path.join(self.env, name)

    def start(self, style):
        """(Re)starts kommun with that token style towards the foreign access point."""
        if self.running:
            self.kommun.stop()
        write_partner(self.kommun.folder + "/posthorn.conf", style, self.path("myndighet/ap.pem"))
        self.kommun.start()
        self.kommun.fix_ports()
        self.running = True
        if not self.published:
            self.smp.publish(self.keys, "kommun", self.kommun.msh)
            self.published = True

    def publish_peer(self, url):
        if not self.peer_published:
            self.smp.publish(self.keys, "myndighet", url)
        self.peer_published = True

    def tls(self, who="myndighet"):
        """As whom we post by hand."""
        context = ssl.create_default_context(cafile=self.path("trust/tls.pem"))
        context.load_cert_chain(self.path(who + "/tls.pem"), self.path(who + "/tls.key"))
        return context

    def stop(self):
        if self.running:
            self.kommun.stop()
        self.smp.process.stop()


def write_partner(path, style, certificate):
    text = open(path).read().split("\n[partner ")[0].rstrip("\n")
    with open(path, "w") as f:
        f.write("%s\n\n[partner %s]\nsign-token = %s\nkey-token = %s\ncertificate = %s\n" %
                (text, THEIR_PARTY, style, style, certificate))


def post(url, body, content_type, context, seconds=60):
    """(status, body, Content-Type) of one request over mutual TLS."""
    host, _, path = url[len("https://"):].partition("/")
    connection = http.client.HTTPSConnection(host, timeout=seconds, context=context)
    try:
        connection.request("POST", "/" + path, body, {"Content-Type": content_type})
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.getheader("Content-Type") or ""
    finally:
        connection.close()


def split_http(path):
    """(Content-Type, body) of a raw request or answer on disk: header lines, an empty line, the octets.

    One sample has its header lines twice.
    """
    body = open(path, "rb").read()
    while True:
        at = re.search(rb"\r?\n\r?\n", body)
        head, body = body[:at.start()], body[at.end():]
        if not body.startswith(b"Content-Type:"):
            break
    found = re.search(rb"(?im)^content-type:[ \t]*(.*?)\r?$(?![ \t])", re.sub(rb"\r?\n[ \t]+", b" ", head))
    return found.group(1).decode(), body


def error_codes(body):
    return re.findall(rb"errorCode=[\"'](EBMS:\d{4})[\"']", body)


# --- what travels inside

class Letter:
    """One SDK message of theirs to us, sealed as their message system would."""

    def __init__(self, world, folder, size=20000, to=OUR_ID, is_encrypted=True):
        self.id = str(uuid.uuid4())
        self.attachment = os.urandom(size)
        self.sha256 = hashlib.sha256(self.attachment).hexdigest()
        self.text = "Hej fr\u00e5n ett annat system"
        inner = os.path.join(folder, self.id + ".sdk.xml")
        self.path = os.path.join(folder, self.id + ".xhe.xml")
        with open(inner, "wb") as f:
            f.write(self.xml().encode())
        recipient = world.path("kommun/o2o.pem") if is_encrypted else "-"
        with open(self.path, "wb") as out:
            subprocess.run([BUILD + "/tests/interop/make_xhe", world.path("myndighet/o2o.key"),
                            world.path("myndighet/o2o.pem"), recipient, inner, self.id, THEIR_ID, to], check=True,
                           stdout=out)

    def xml(self):
        def ident(name, root, extension):
            return "<m:%s><m:root>%s</m:root><m:extension>%s</m:extension></m:%s>" % (name, root, extension, name)

        def party(name, participant):
            return ("<m:%s>%s<m:attention><m:subOrganization>%s<m:label>Registratur</m:label></m:subOrganization>"
                    "</m:attention></m:%s>" %
                    (name, ident(name + "ID", "iso6523-actorid-upis", participant),
                     ident("organizationId", "urn:riv:infrastructure:messaging:functionalAddress",
                           "sdk:inkorg:" + participant), name))

        now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        return ('<m:messagePayload xmlns:m="%s"><m:message><m:messageHeader><m:creationDateTime>%s</m:creationDateTime>'
                "<m:messageId>%s</m:messageId><m:conversationId>%s</m:conversationId><m:label>Prov</m:label>"
                "<m:confidentiality>false</m:confidentiality>%s%s</m:messageHeader><m:messageBody><m:documents>"
                "<m:documentID>1</m:documentID><m:ContentFiles><m:fileName>bilaga.bin</m:fileName>"
                "<m:contentType>application/octet-stream</m:contentType><m:content>%s</m:content></m:ContentFiles>"
                "<m:ContentText><m:characterSequence>%s</m:characterSequence></m:ContentText></m:documents>"
                "</m:messageBody></m:message></m:messagePayload>" %
                (SDK.strip("{}"), now, self.id, self.id, party("recipient", OUR_ID), party("sender", THEIR_ID),
                 base64.b64encode(self.attachment).decode(), self.text))


def their_receipt(world, folder, reference, accepted, sender=THEIR_ID, sealed_by=("myndighet", THEIR_ID)):
    """Their message receipt about a message of ours, as DIGG's examples are, in its envelope: the path.

    A false one names another sender than it should, or is in the envelope of somebody else.
    """
    own = str(uuid.uuid4())
    inner, path = os.path.join(folder, own + ".receipt.xml"), os.path.join(folder, own + ".xhe.xml")
    line = "" if accepted else (
        "<cac:LineResponse><cac:LineReference><cbc:LineID>NA</cbc:LineID></cac:LineReference><cac:Response>"
        "<cbc:ResponseCode>SIG</cbc:ResponseCode><cac:Status><cbc:StatusReasonCode>security</cbc:StatusReasonCode>"
        "<cbc:StatusReason>Signatur ej korrekt</cbc:StatusReason></cac:Status></cac:Response></cac:LineResponse>")

    def party(name, participant):
        return ('<cac:%s><cbc:EndpointID schemeID="iso6523-actorid-upis">%s</cbc:EndpointID></cac:%s>' %
                (name, participant, name))

    ubl = "urn:oasis:names:specification:ubl:schema:xsd:"
    now = time.gmtime()
    with open(inner, "w") as f:
        f.write('<ApplicationResponse xmlns="%sApplicationResponse-2" xmlns:cac="%sCommonAggregateComponents-2"'
                ' xmlns:cbc="%sCommonBasicComponents-2"><cbc:CustomizationID>'
                "urn:fdc:digg.se:edelivery:messagetype:response:1</cbc:CustomizationID><cbc:ProfileID>bdx:noprocess"
                "</cbc:ProfileID><cbc:ID>%s</cbc:ID><cbc:IssueDate>%s</cbc:IssueDate><cbc:IssueTime>%s</cbc:IssueTime>"
                "%s%s<cac:DocumentResponse><cac:Response><cbc:ResponseCode>%s</cbc:ResponseCode></cac:Response>"
                "<cac:DocumentReference><cbc:ID>%s</cbc:ID></cac:DocumentReference>%s</cac:DocumentResponse>"
                "</ApplicationResponse>" %
                (ubl, ubl, ubl, own, time.strftime("%Y-%m-%d", now), time.strftime("%H:%M:%SZ", now),
                 party("SenderParty", sender), party("ReceiverParty", OUR_ID),
                 "ACCEPTED" if accepted else "REJECTED", reference, line))
    with open(path, "wb") as out:
        who, participant = sealed_by
        subprocess.run([BUILD + "/tests/interop/make_xhe", world.path(who + "/o2o.key"), world.path(who + "/o2o.pem"),
                        "-", inner, own, participant, OUR_ID, "receipt"], check=True, stdout=out)
    return path


def upload(kommun, data):
    status, body, _ = kommun.call("POST", "/attachments", data,
                                  {"Content-Type": "application/octet-stream",
                                   "Content-Disposition": 'attachment; filename="bilaga.bin"'})
    assert status == 201, (status, body[:500])
    return json.loads(body)["attachmentId"]


def our_letter(kommun, data, text="Hej, se bilagan \u00e5\u00e4\u00f6"):
    """A letter of kommun's to myndighet, with one attachment; its messageId."""
    to = type("To", (), {"participant": THEIR_ID, "address": "sdk:inkorg:" + THEIR_ID})
    return kommun.send(kommun.letter(to, texts=[text], attachments=[{"attachmentId": upload(kommun, data)}]))


def run(*args):
    done = subprocess.run(args, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def judge_envelope(score, name, world, payload, attachment, text, scratch):
    """The payload the peer got is a valid XHE of ours, and what is inside is what kommun sent (issue 6.5)."""
    copy, opened = scratch + "/got.xml", scratch + "/opened.xml"
    shutil.copyfile(payload, copy)
    code, said = run(os.path.join(TOOLS, "judge-sdk"), "xhe", copy)
    score.claim(name + ": DIGG's schema and rules take the envelope", code == 0, said)
    verify = ["xmlsec1", "--verify", "--enabled-key-data", "x509,rsa", "--trusted-pem", world.path("ca/o2o-root.pem"),
              "--untrusted-pem", world.path("ca/o2o-issuing.pem")]
    code, said = run(*verify, copy)
    score.claim(name + ": xmlsec1 verifies the envelope", code == 0, said)
    changed = open(copy, "rb").read().replace(b"0203:kommun.example", b"0203:kommun.exampel", 1)
    open(opened, "wb").write(changed)
    code, said = run(*verify, opened)
    score.claim(name + ": and not a changed one", code != 0, said)
    code, said = run("xmlsec1", "--decrypt", "--privkey-pem", world.path("myndighet/o2o.key"), "--output", opened, copy)
    if score.claim(name + ": xmlsec1 decrypts the message", code == 0, said):
        message = ET.parse(opened).getroot().find(".//" + SDK + "messagePayload")
        inside = [base64.b64decode(c.text) for c in message.iter(SDK + "content")]
        score.claim(name + ": the attachment inside is what was sent", inside == [attachment], len(inside))
        texts = [c.text for c in message.iter(SDK + "characterSequence")]
        score.claim(name + ": so is the text", texts == [text], texts)


def judge_receipt(score, name, world, payload, reference, scratch):
    """Our message receipt, as the peer got it."""
    copy, inner = scratch + "/receipt-xhe.xml", scratch + "/receipt.xml"
    shutil.copyfile(payload, copy)
    code, said = run(os.path.join(TOOLS, "judge-sdk"), "xhe", copy)
    score.claim(name + ": DIGG's schema and rules take the receipt's envelope", code == 0, said)
    code, said = run("xmlsec1", "--verify", "--enabled-key-data", "x509,rsa", "--trusted-pem",
                     world.path("ca/o2o-root.pem"), "--untrusted-pem", world.path("ca/o2o-issuing.pem"), copy)
    score.claim(name + ": xmlsec1 verifies the receipt's envelope", code == 0, said)
    response = "{urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2}ApplicationResponse"
    found = ET.parse(copy).getroot().find(".//" + response)
    if score.claim(name + ": there is a message receipt inside", found is not None):
        open(inner, "wb").write(ET.tostring(found))
        code, said = run(os.path.join(TOOLS, "judge-sdk"), "receipt", inner)
        score.claim(name + ": DIGG's schema and rules take the receipt", code == 0, said)
        text = ET.tostring(found).decode()
        score.claim(name + ": it accepts the message by its id", reference in text and "ACCEPTED" in text, text[-900:])


def await_inbox(kommun, message, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = [m for m in kommun.inbox() if m["messageId"] == message]
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError("%s does not come into the inbox" % message)


def holds(got, text):
    """Is this message about that id?"""
    return any(text.encode() in open(p, "rb").read() for p in got.payloads)


def read_letter(kommun, item):
    """(texts, attachments' octets) of an inbox message."""
    letter = kommun.get("/inbox-messages/" + item["inboxMessageId"])["letter"]
    texts, files = [], []
    for document in letter["documents"]:
        texts += document.get("texts", [])
        for a in document.get("attachments", []):
            path = "/inbox-messages/%s/attachments/%s" % (item["inboxMessageId"], a["attachmentId"])
            status, body, _ = kommun.call("GET", path)
            assert status == 200, (status, body[:300])
            files.append(body)
    return texts, files


def events(kommun, message):
    return [(e["event"], e["detail"]) for e in kommun.get("/messages/%s/events" % message)["events"]]


def await_event(kommun, message, word, seconds=30, count=1):
    """The first event whose name and detail hold that word, as soon as there are `count` of them."""
    end = time.monotonic() + seconds
    while True:
        seen = events(kommun, message)
        found = [(event, detail) for event, detail in seen if word in event + " " + detail]
        if len(found) >= count:
            return found[0]
        if time.monotonic() > end:
            raise AssertionError("no '%s' in %s" % (word, seen))
        time.sleep(0.1)


def scratch_folder(name):
    """Ended from outside, a test still stops what it started."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    return tempfile.mkdtemp(prefix="posthorn-%s-" % name)
