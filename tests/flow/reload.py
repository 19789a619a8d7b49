#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""Keys, certificates, trust lists and participants change while messages flow: none is lost, none waits for a restart.

Each program has its files in a folder of its own (reload-folder). New files take the place of the old ones, as the
tools that renew certificates do it, and SIGHUP tells the program. Certificates and lists are signed here by the test
world's CAs.
"""
import http.client
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from claims import Claims  # noqa: E402
from installation import Pair  # noqa: E402

PATIENCE_S = 60


# --- certificates

def openssl(*args):
    return subprocess.run(["openssl", *args], check=True, capture_output=True, text=True).stdout


def put(text, path):
    """As the tools do it: another file takes the place."""
    with open(os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
        f.write(text)
    os.rename(path + ".new", path)


def renew(world, use, stem, key, chain):
    """STEM's certificate again, for a new key: both put in place. Returns its serial number."""
    with tempfile.TemporaryDirectory() as t:
        openssl("genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", t + "/key")
        openssl("pkey", "-in", t + "/key", "-pubout", "-out", t + "/public")
        openssl("x509", "-x509toreq", "-in", stem + ".pem", "-signkey", stem + ".key", "-copy_extensions", "copyall",
                "-out", t + "/request")
        serial = str(int.from_bytes(os.urandom(8), "big"))
        openssl("x509", "-req", "-in", t + "/request", "-CA", "%s/ca/%s-issuing.pem" % (world, use), "-CAkey",
                "%s/ca/%s-issuing.key" % (world, use), "-copy_extensions", "copyall", "-force_pubkey", t + "/public",
                "-days", "30", "-set_serial", serial, "-sha256", "-out", t + "/leaf")
        put(open(t + "/key").read(), key)
        put(open(t + "/leaf").read() + open("%s/ca/%s-issuing.pem" % (world, use)).read(), chain)
    return int(serial)


def revoke(world, use, certificate, path):
    """A list that names this certificate, and the root's own, put in place."""
    with tempfile.TemporaryDirectory() as t:
        for name, text in (("index.txt", ""), ("crlnumber", "1001\n"),
                           ("cnf", "[ca]\ndefault_ca = c\n[c]\ndatabase = %s/index.txt\ncrlnumber = %s/crlnumber\n"
                                   "default_md = sha256\ncrl_extensions = x\n[x]\n"
                                   "authorityKeyIdentifier = keyid:always\n" % (t, t))):
            open("%s/%s" % (t, name), "w").write(text)
        ca = ("ca", "-config", t + "/cnf", "-cert", "%s/ca/%s-issuing.pem" % (world, use), "-keyfile",
              "%s/ca/%s-issuing.key" % (world, use))
        openssl(*ca, "-revoke", certificate)
        openssl(*ca, "-gencrl", "-crldays", "30", "-out", t + "/crl")
        roots = open("%s/crl/%s.pem" % (world, use)).read().split("-----BEGIN")
        put("-----BEGIN" + roots[1] + open(t + "/crl").read(), path)


# --- the two organisations

FILES = {  # section: {setting: file of the organisation or the world}
    "accesspoint-api": {"key": "api.key", "chain": "api.pem"},
    "accesspoint-receive": {"key": "tls.key", "chain": "tls.pem", "client-anchors": "trust/tls.pem",
                            "client-crl": "crl/tls.pem"},
    "accesspoint-send": {"key": "tls.key", "chain": "tls.pem", "server-anchors": "trust/tls.pem",
                         "server-crl": "crl/tls.pem"},
    "accesspoint": {"key": "ap.key", "chain": "ap.pem", "ap-anchors": "trust/ap.pem", "ap-crl": "crl/ap.pem"},
}


def own_folders(pair):
    """Each program's files in a folder of its own."""
    for org in (pair.kommun, pair.myndighet):
        world = org.keys + "/open-test/"
        for section, files in FILES.items():
            program = "accesspoint-work" if section == "accesspoint" else section
            folder = "%s/%s" % (org.folder, program)
            os.makedirs(folder, exist_ok=True)
            org.set(program, "reload-folder", folder)
        org.set("accesspoint-send", "directory-cache", "1s")
        for section, files in FILES.items():
            folder = "%s/%s" % (org.folder, "accesspoint-work" if section == "accesspoint" else section)
            for setting, name in files.items():
                copy = "%s/%s" % (folder, name.replace("/", "-") if "/" in name else name)
                shutil.copy(world + (name if "/" in name else org.name + "/" + name), copy)
                org.set(section, setting, copy)


class NEW:
    participant = "0203:ny.example"
    address = "sdk:inkorg:0203:ny.example"


class Traffic:
    """Letters from one to the other, until the end; then all of them are awaited."""
    def __init__(self, sender, receiver):
        self.sender, self.receiver, self.sent, self.going = sender, receiver, [], True
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def run(self):
        while self.going:
            key = uuid.uuid4()
            while self.going:
                try:
                    self.sent.append(self.sender.send(self.sender.letter(self.receiver), key))
                    break
                except (OSError, http.client.HTTPException):
                    time.sleep(0.05)  # the same again, as a client should
            time.sleep(0.03)

    def __exit__(self, *_):
        self.going = False
        self.thread.join()


def reload(org, program):
    """SIGHUP, and what the program says to it: "" when it took all."""
    before = len(lines_of(org, program))
    os.kill(org.pids()[program], signal.SIGHUP)
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if len(lines_of(org, program)) > before:
            line = lines_of(org, program)[-1]
            return "" if line["event"] == "program.reloaded" else line["why"]
        time.sleep(0.05)
    return "no word"


def lines_of(org, program):
    return [l for l in org.log_lines() if l.get("program") == program and
            l["event"] in ("program.reloaded", "program.reload_refused")]


def caller(org, key, chain):
    context = ssl.create_default_context(cafile=org.keys + "/open-test/trust/tls.pem")
    context.load_cert_chain(chain, key)
    host, port = org.ports["accesspoint-receive"].rsplit(":", 1)
    return http.client.HTTPSConnection(host, int(port), timeout=10, context=context)


def serial_of(connection):
    text = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-serial"], check=True, capture_output=True,
                          input=connection.sock.getpeercert(binary_form=True)).stdout.decode()
    return int(text.strip().split("=")[1], 16)


def probe(connection):
    connection.request("GET", "/msh")
    answer = connection.getresponse()
    answer.read()
    return answer.status


# --- scenes

def receive_takes_a_new_certificate(claims, pair):
    org, world = pair.myndighet, pair.keys + "/open-test"
    mine = (world + "/kommun/tls.key", world + "/kommun/tls.pem")
    kept = caller(org, *mine)
    claims.equal("before: it answers", probe(kept), 200)
    old, folder = serial_of(kept), org.folder + "/accesspoint-receive"
    new = renew(world, "tls", world + "/myndighet/tls", folder + "/tls.key", folder + "/tls.pem")
    claims.equal("receive reloads", reload(org, "accesspoint-receive"), "")
    fresh = caller(org, *mine)
    claims.equal("a new connection is answered", probe(fresh), 200)
    claims.equal("and sees the new certificate", serial_of(fresh), new)
    claims.equal("one that was kept goes on", probe(kept), 200)
    claims.check("with the certificate it began with", serial_of(kept) == old != new)


def receive_refuses_the_revoked(claims, pair):
    org, world = pair.myndighet, pair.keys + "/open-test"
    old = (world + "/kommun/tls.key", world + "/kommun/tls.pem")
    claims.equal("before: let in", probe(caller(org, *old)), 200)
    revoke(world, "tls", old[1], org.folder + "/accesspoint-receive/crl-tls.pem")
    end, seen = time.monotonic() + 10, None
    while seen is None and time.monotonic() < end:  # a list is looked at by itself
        try:
            probe(caller(org, *old))
            time.sleep(0.2)
        except (ssl.SSLError, OSError, http.client.HTTPException) as fault:
            seen = fault
    claims.check("the revoked one is refused", seen is not None, seen)
    os.kill(org.pids()["accesspoint-receive"], signal.SIGKILL)  # no connection of before is left
    message = pair.kommun.send(pair.kommun.letter(org))
    claims.equal("who shows the new one is let in", pair.kommun.await_status(message, "delivered", PATIENCE_S)["status"],
                 "delivered")


def a_bad_reload_changes_nothing(claims, pair):
    org, world = pair.myndighet, pair.keys + "/open-test"
    mine = (world + "/myndighet/tls.key", world + "/myndighet/tls.pem")
    for program, name in (("accesspoint-receive", "tls.pem"), ("accesspoint-api", "api.pem"),
                          ("accesspoint-send", "tls.pem"), ("accesspoint-work", "ap.pem")):
        path = "%s/%s/%s" % (org.folder, program, name)
        good = open(path).read()
        put(open(world + "/kommun/o2o.pem").read(), path)
        claims.contains(program + ": another's certificate is refused", reload(org, program), ["key"])
        put("", path)
        claims.contains(program + ": no certificate is refused", reload(org, program), [path])
        put(good, path)
    claims.equal("receive goes on", probe(caller(org, *mine)), 200)


def what_is_fixed_is_named(claims, pair):
    org = pair.myndighet
    path = org.folder + "/posthorn.conf"
    good = open(path).read()
    for program, section, key, value in (
            ("accesspoint-work", "store", "path", "elsewhere"),
            ("accesspoint-work", "accesspoint-work", "workers", "77"),
            ("accesspoint-send", "accesspoint-send", "admin-listen", "127.0.0.1:1"),
            ("accesspoint-receive", "accesspoint-receive", "listen", "127.0.0.1:1"),
            ("accesspoint-receive", "accesspoint-receive", "in-flight", "7"),
            ("accesspoint-api", "accesspoint-api", "listen", "127.0.0.1:1"),
            ("accesspoint-api", "program", "sandbox", "no")):
        org.set(section, key, value)
        claims.contains("%s: %s" % (program, key), reload(org, program),
                        [program + " must be restarted for this", "[%s] %s cannot change from" % (section, key), value])
        with open(path, "w") as f:  # in place
            f.write(good)
    with open(path, "a") as f:
        f.write("\n[accesspoint-receive]\nlisten = 127.0.0.1:2\n")
    claims.contains("a broken file is named with its line", reload(org, "accesspoint-receive"), ["posthorn.conf:"])
    with open(path, "w") as f:
        f.write(good)
    claims.equal("and what is right again is taken", reload(org, "accesspoint-receive"), "")


def send_shows_a_new_certificate(claims, pair):
    """The old one is revoked later: what goes out then goes out with the new one."""
    org, world = pair.kommun, pair.keys + "/open-test"
    folder = org.folder + "/accesspoint-send"
    renew(world, "tls", world + "/kommun/tls", folder + "/tls.key", folder + "/tls.pem")
    claims.equal("send reloads", reload(org, "accesspoint-send"), "")


def work_serves_a_new_participant(claims, pair):
    """An organisation more, with its key, its mailbox and the client's leave to read it."""
    org, world = pair.myndighet, pair.keys + "/open-test"
    folder = org.folder + "/accesspoint-work"
    renew(world, "o2o", world + "/myndighet/o2o", folder + "/ny.key", folder + "/ny.pem")
    org.serve_also(NEW.participant, folder + "/ny.key", folder + "/ny.pem")
    pair.smp.publish_as(NEW.participant, org.msh, world + "/myndighet/ap.pem", folder + "/ny.pem", folder + "/ny.pem")
    claims.equal("work reloads", reload(org, "accesspoint-work"), "")
    claims.equal("api reloads", reload(org, "accesspoint-api"), "")
    message = pair.kommun.send(pair.kommun.letter(NEW))
    pair.kommun.await_status(message, "delivered", PATIENCE_S)
    names = [m["mailboxId"] for m in org.get("/mailboxes")["mailboxes"]]
    found = [m["messageId"] for n in names for m in org.get("/mailboxes/%s/messages" % n)["messages"]]
    claims.check("a message to it is delivered", message in found, message)


def work_takes_a_new_message_key(claims, pair):
    """The partner revokes the old certificate: refused with it, taken with the new one."""
    org, other, world = pair.kommun, pair.myndighet, pair.keys + "/open-test"
    revoke(world, "ap", world + "/kommun/ap.pem", other.folder + "/accesspoint-work/crl-ap.pem")
    time.sleep(1.2)  # a list is looked at once a second
    refused = org.send(org.letter(other, "Med det gamla"))
    end = time.monotonic() + PATIENCE_S
    while not [l for l in other.log_lines("as4.refused") if "revoked" in l["why"]] and time.monotonic() < end:
        time.sleep(0.1)
    claims.contains("the partner refuses the old certificate", other.log_lines("as4.refused"), ["revoked"])
    folder = org.folder + "/accesspoint-work"
    renew(world, "ap", world + "/kommun/ap", folder + "/ap.key", folder + "/ap.pem")
    services = pair.smp.folder + "/services.tsv"
    put(open(services).read().replace(world + "/kommun/ap.pem", folder + "/ap.pem"), services)
    pair.smp.stop()
    pair.smp.start()
    claims.equal("work reloads", reload(org, "accesspoint-work"), "")
    message = org.send(org.letter(other, "Med det nya"))
    claims.equal("a message signed with the new key arrives, and its receipt",
                 org.await_status(message, "delivered", PATIENCE_S)["status"], "delivered")
    claims.check("what was refused is not delivered", org.status(refused)["status"] != "delivered", refused)


def addresses_inside_are_refused(claims, pair):
    """A directory that lies cannot make us knock within our own network; a network that is named is reached."""
    org = pair.kommun
    org.set("accesspoint-send", "allow-networks", "10.0.0.0/8 fd00:1::/48")
    claims.equal("send reloads", reload(org, "accesspoint-send"), "")
    message = org.send(org.letter(pair.myndighet))
    end, now = time.monotonic() + PATIENCE_S, {}
    while "address inside" not in str(now.get("reason")) and time.monotonic() < end:
        time.sleep(0.1)
        now = org.status(message)
    claims.contains("the message waits, and says why", now.get("reason"),
                    ["connect: 127.0.0.1 is an address inside", "allow-networks"])
    org.set("accesspoint-send", "allow-networks", "10.0.0.0/33")
    claims.contains("what is no network is refused", reload(org, "accesspoint-send"), ["'10.0.0.0/33' is no network"])
    org.set("accesspoint-send", "allow-networks", "127.0.0.0/8")
    claims.equal("send reloads again", reload(org, "accesspoint-send"), "")
    claims.equal("and the message goes", org.await_status(message, "delivered", PATIENCE_S)["status"], "delivered")


def nothing_is_lost(claims, pair, traffic):
    for message in traffic.sent:
        pair.kommun.await_status(message, "delivered", PATIENCE_S)
    inbox = [m["messageId"] for m in pair.myndighet.inbox() if m["messageId"] in traffic.sent]
    claims.check("messages were under way all the time", len(traffic.sent) > 20, len(traffic.sent))
    claims.equal("none is lost, none comes twice", sorted(inbox), sorted(traffic.sent))


def a_bad_start_leaves_nothing_behind(claims, scratch):
    """Of the harness itself: the second organisation does not start."""
    pair = Pair(scratch + "/bad-start", prepare=lambda p: p.myndighet.set("accesspoint-api", "listen", "nowhere"))
    try:
        pair.__enter__()
        claims.check("a start fails", False)
    except AssertionError:
        still = [one for one in (pair.kommun.run, pair.smp.process) if one.child.poll() is None]
        claims.check("what ran is stopped", not still, [p.child.args for p in still])


def main():
    claims = Claims()
    scratch = tempfile.mkdtemp(prefix="posthorn-reload-")
    claims.play("a bad start leaves nothing behind", a_bad_start_leaves_nothing_behind, claims, scratch)
    with Pair(scratch, prepare=own_folders) as pair:
        for org in (pair.kommun, pair.myndighet):  # with the ports that now stand in the file
            org.stop()
            org.start()
        with Traffic(pair.kommun, pair.myndighet) as traffic:
            for scene in (receive_takes_a_new_certificate, send_shows_a_new_certificate, work_serves_a_new_participant,
                          a_bad_reload_changes_nothing, what_is_fixed_is_named):
                claims.play(scene.__name__.replace("_", " "), scene, claims, pair)
        claims.play("nothing is lost", nothing_is_lost, claims, pair, traffic)
        claims.play("addresses inside are refused", addresses_inside_are_refused, claims, pair)
        claims.play("receive refuses the revoked", receive_refuses_the_revoked, claims, pair)
        claims.play("work takes a new message key", work_takes_a_new_message_key, claims, pair)
    status = claims.end()
    if not status:
        shutil.rmtree(scratch)
    return status


sys.exit(main())
