#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""The command line against two running organisations: send, follow, trace, inbox, queue, log, certs, config."""
import hashlib
import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from installation import BUILD, TOP, Pair  # noqa: E402


def run(status, *args, stdin=None, env=None):
    """What the command printed; the exit status must be the wanted one."""
    done = subprocess.run([BUILD + "/bin/posthorn"] + list(args), capture_output=True, input=stdin, timeout=120,
                          env=dict(os.environ, **(env or {})))
    out, err = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == status, (args, done.returncode, out, err)
    return out + err


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def has(text, *words):
    for word in words:
        assert word in text, (word, text)


def sent_and_followed(kommun, myndighet, scratch):
    """A message with a text from standard input and files, small ones first, to its end: they are all fetched on one
    connection. Returns id and file digests."""
    files = {"plan.txt": b"Plan\n", "karta.txt": os.urandom(2_500).hex().encode(),
             "yttrande ä.pdf": os.urandom(3_000_000)}
    args = []
    for name, octets in files.items():
        path = os.path.join(scratch, name)
        with open(path, "wb") as f:
            f.write(octets)
        args += ["--file", path]
    out = run(0, "send", kommun.folder, "--from", kommun.address, "--to",
              myndighet.participant + "/" + myndighet.address, "--subject", "Begäran", "--text", "-", "--confidential",
              "--follow", "--wait", "60", *args, stdin="Hej från kommunen".encode())
    message = out.split()[0]
    has(out, "accepted", "sealed", "transferred", "delivered")
    return message, {name: hashlib.sha256(octets).hexdigest() for name, octets in files.items()}


def traced(message, kommun, myndighet):
    out = run(0, "trace", message, kommun.folder)
    has(out, "sdk-out", "receipt-in", "accesspoint-api", "accesspoint-work", "delivered", "noted")
    out = run(0, "trace", "--follow", "--wait", "30", message, myndighet.folder)
    has(out, "sdk-in", "receipt-out", "inbox", "delivered")
    lines = objects(run(0, "trace", "--json", message, kommun.folder))
    messages = {o["kind"]: o for o in lines if o["type"] == "message"}
    assert messages["sdk-out"]["state"] == "delivered", messages
    times = [o["seq"] for o in lines if o["type"] == "event"]
    assert times == sorted(times) and len(times) > 6, lines
    for other in (messages["sdk-out"]["as4_message_id"], messages["receipt-in"]["as4_message_id"],
                  messages["receipt-in"]["xhe_id"], messages["receipt-in"]["message"]):
        assert [o["seq"] for o in objects(run(0, "trace", "--json", other, kommun.folder))
                if o["type"] == "event"] == times, other


def read_and_taken(message, digests, myndighet, scratch):
    items = objects(run(0, "inbox", "--json", myndighet.folder))
    assert [i["messageId"] for i in items] == [message], items
    inbox = items[0]["inboxMessageId"]
    has(run(0, "inbox", myndighet.folder, "--mailbox", myndighet.address), inbox, "0203:kommun.example")
    folder = os.path.join(scratch, "saved")
    os.mkdir(folder)
    out = run(0, "inbox", "show", inbox, myndighet.folder, "--out", folder)
    has(out, "Begäran   (confidential)", "Hej från kommunen", "saved as " + folder + "/plan.txt", "0203:kommun.example")
    for name, digest in digests.items():
        with open(os.path.join(folder, name), "rb") as f:
            assert hashlib.sha256(f.read()).hexdigest() == digest, name
    has(run(1, "inbox", "show", inbox, myndighet.folder, "--out", folder), "nothing is overwritten")
    letter = objects(run(0, "inbox", "show", "--json", inbox, myndighet.folder))[0]
    assert letter["letter"]["subject"] == "Begäran", letter
    has(run(0, "inbox", "ack", inbox, myndighet.folder), "acknowledged")
    has(run(0, "inbox", "ack", inbox, myndighet.folder), "acknowledged")
    has(run(0, "inbox", myndighet.folder), "nothing new")
    has(run(0, "inbox", "--all", myndighet.folder), inbox, "acknowledged")
    has(run(1, "inbox", "show", "00000000-0000-4000-8000-000000000000", myndighet.folder), "404")


def refused(kommun, myndighet, scratch):
    """Every refusal says what was wrong and what would be right."""
    send = ["send", "--dir", kommun.folder, "--subject", "Prov", "--text", "Hej", "--from"]
    to = ["--to", myndighet.participant + "/" + myndighet.address]
    out = run(1, *send, kommun.address, "--to", myndighet.participant + "/sdk:nobody", "--follow", "--wait", "60")
    has(out, "refused", "BV/not-found")
    has(run(0, "queue", kommun.folder), "refused", "<-- needs a person")
    has(run(0, "queue", "--list", kommun.folder), "BV/not-found")
    has(run(1, *send, "sdk:inkorg:0203:another.example", *to), "403", "/sender/address")
    has(run(1, *send, kommun.address, "--to", "wrong/" + myndighet.address), "/recipient/participant")
    has(run(2, *send, kommun.address, "--to", "0203:x"), "--to is PARTICIPANT/ADDRESS")
    has(run(2, "send", kommun.folder, "--from", kommun.address), "--from, --to, --subject")
    has(run(1, *send, kommun.address, *to, "--file", scratch), "it is empty, or no file")
    token = os.path.join(scratch, "token")
    with open(token, "w") as f:
        f.write("not-the-token\n")
    os.chmod(token, 0o600)
    has(run(1, "inbox", kommun.folder, "--token-file", token), "401", "No valid token")
    has(run(1, "inbox", kommun.folder, env={"POSTHORN_TOKEN_FILE": token}), "401")
    os.chmod(token, 0o644)
    has(run(2, "inbox", kommun.folder, "--token-file", token), "chmod 600")
    world = kommun.keys + "/open-test"
    has(run(1, "inbox", kommun.folder, "--ca", world + "/trust/o2o.pem"), "TLS")
    has(run(2, "inbox", kommun.folder, "--url", "http://127.0.0.1/"), "https://")
    url = "https://%s/meddelanden/v1/" % kommun.ports["accesspoint-api"]
    has(run(0, "inbox", "--url", url, "--token-file", kommun.folder + "/token", "--ca", world + "/trust/tls.pem"),
        "nothing new")


def pinged(kommun, myndighet):
    """The transport path alone: directory, TLS, receipt. Nothing is delivered, nothing stays."""
    before = len(objects(run(0, "inbox", "--all", "--json", myndighet.folder)))
    out = run(0, "ping", myndighet.participant, kommun.folder)
    has(out, "sealed", "answered", "delivered", "answers: AP0002-OPEN-TEST at " + myndighet.msh)
    one = objects(run(0, "ping", "--json", myndighet.participant, kommun.folder))
    assert len(one) == 1 and one[0]["answers"] and one[0]["endpoint"] == myndighet.msh, one
    assert len(objects(run(0, "inbox", "--all", "--json", myndighet.folder))) == before
    out = run(1, "ping", "0203:nobody.example", kommun.folder)
    has(out, "refused", "does not answer: the directory (SMP) knows no such service of 0203:nobody.example")
    run(2, "ping", "nobody", kommun.folder)
    myndighet.stop()
    one = objects(run(1, "ping", "--json", myndighet.participant, kommun.folder))
    assert not one[0]["answers"] and "connect" in one[0]["why"], one
    assert "ping-out" not in run(0, "queue", "--json", kommun.folder)


def documented(kommun, myndighet, scratch):
    """The ten minutes of docs/api.md, word for word, in a folder that looks as ./start leaves it."""
    top = os.path.join(scratch, "top")
    os.makedirs(top + "/demo")
    for name, target in (("kommun", kommun.folder), ("myndighet", myndighet.folder), ("world", kommun.keys)):
        os.symlink(target, top + "/demo/" + name)
    with open(TOP + "/docs/api.md", encoding="utf-8") as f:
        text = f.read().split("## Ten minutes")[1].split("## What holds")[0]
    script = "\n".join(line[4:] for line in text.splitlines() if line.startswith("    ") or not line)
    for one in (kommun, myndighet):
        script = script.replace("https://127.0.0.1:PORT", "https://" + one.ports["accesspoint-api"], 1)
    # A person takes longer to read the first half than a message takes.
    script = script.replace("# the other side", "until ask $U/messages/$ID | grep -q delivered; do sleep 0.1; done\n")
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=top, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, (done.stdout, done.stderr)
    has(done.stdout, "Registratur", " accepted\n", '"subject": "Begäran om yttrande"', '"status":"acknowledged"')
    with open(top + "/file-1.pdf", "rb") as f:
        assert f.read() == b"%PDF-1.4"


def looked_after(kommun):
    has(run(0, "config", "check", kommun.folder), " 0 errors")
    has(run(0, "certs", kommun.folder), "AP0001-OPEN-TEST")
    has(run(0, "log", "verify", kommun.folder), "the chain holds")
    assert objects(run(0, "log", "show", "--json", "--max", "3", kommun.folder))[2]["seq"] == 3


def main():
    with tempfile.TemporaryDirectory(prefix="posthorn-cli-") as scratch:
        with Pair(scratch + "/pair") as pair:
            kommun, myndighet = pair.kommun, pair.myndighet
            message, digests = sent_and_followed(kommun, myndighet, scratch)
            traced(message, kommun, myndighet)
            read_and_taken(message, digests, myndighet, scratch)
            refused(kommun, myndighet, scratch)
            documented(kommun, myndighet, scratch)
            pinged(kommun, myndighet)
            looked_after(kommun)
            kommun.stop()
            has(run(1, "ping", "--wait", "1", myndighet.participant, kommun.folder), "do accesspoint-work and")
            has(run(1, "inbox", kommun.folder), "accesspoint-api does not answer at https://", "connect")
            has(run(0, "trace", message, kommun.folder), "delivered")
    print("the command line: all seen")


if __name__ == "__main__":
    main()
