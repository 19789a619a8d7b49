#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""Messages of WSS4J, Domibus and Holodeck, posted to a running access point, get the verdict of their expected.tsv.

Accepted ones are in the store with payloads of the right SHA-256, and their receipt is verified; refused ones leave
nothing behind (issue line 6.1; as4_samples.sh asks the same of `posthorn as4 verify`).
"""
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time

import live
from installation import BUILD, Organisation, world

SAMPLES = os.path.join(live.SHARED, "data", "as4-samples")
KEYS = os.path.join(SAMPLES, "wss4j-made", "keys")
STRICT, OPEN = "[pmode samples]\n", "[pmode samples]\nencrypt = no\n"
NOT_SPOKEN = {"edelivery-2.0", "edelivery-2.0-altecc"}  # AS4 2.0 is a later issue: refused, and why is said


class AccessPoint(Organisation):
    """An access point with a key of the samples, for messages outside of the federation."""

    def __init__(self, scratch, keys, name):
        super().__init__(os.path.join(scratch, name), keys, "kommun", "AP0001-OPEN-TEST", "https://127.0.0.1:1/")
        p12 = os.path.join(KEYS, name + ".p12")
        key, chain = self.folder + "/ap.key", self.folder + "/ap.pem"
        self.pmodes = self.folder + "/pmodes.ini"
        subprocess.run(["openssl", "pkcs12", "-in", p12, "-passin", "pass:test", "-nocerts", "-nodes", "-out", key],
                       check=True, capture_output=True)
        shutil.copyfile(os.path.join(KEYS, name + ".pem"), chain)
        values = {"party": name, "key": key, "chain": chain, "ap-anchors": os.path.join(KEYS, "ca.pem"), "ap-crl": None}
        path, lines, section = self.folder + "/posthorn.conf", [], None
        for line in open(path):
            section = line.strip() if line.startswith("[") else section
            word = line.split(" ")[0]
            if section == "[accesspoint]" and word in values:
                line = "" if values[word] is None else "%s = %s\n" % (word, values[word])
            lines.append(line)
            if line == "[accesspoint]\n":
                lines.append("pmodes = %s\n" % self.pmodes)
        for party in ("c2-rsa", "c3-rsa"):
            lines.append("\n[partner %s]\ncertificate = %s/%s.pem\n" % (party, KEYS, party))
        open(path, "w").write("".join(lines))

    def begin(self, pmodes):
        open(self.pmodes, "w").write(pmodes)
        self.start()

    def payloads(self, as4_id):
        """SHA-256 of the payloads of that message, in their order; None where there is none."""
        base = sqlite3.connect("file:%s/store/store.db?mode=ro" % self.folder, uri=True)
        try:
            found = [row[0] for row in base.execute("SELECT id, attributes FROM message WHERE kind = 'as4-in'")
                     if '"%s"' % as4_id in (row[1] if isinstance(row[1], str) else row[1].decode())]
            if not found:
                return None
            rows = base.execute("SELECT slot, sha256 FROM payload WHERE message = ? AND slot LIKE 'file-%'", found[:1])
            return [bytes(sha256).hex() for _, sha256 in sorted(rows)]
        finally:
            base.close()


def rows_of(name):
    for line in open(os.path.join(SAMPLES, name, "expected.tsv")):
        if not line.startswith("#") and line.strip():
            yield line.rstrip("\n").split("\t")


def plain_sums(path):
    """Of the .plain files beside a sample."""
    stem, folder = os.path.basename(path)[:-len(".as4")] + ".", os.path.dirname(path)
    return sorted(hashlib.sha256(open(os.path.join(folder, f), "rb").read()).hexdigest()
                  for f in os.listdir(folder) if f.startswith(stem) and f.endswith(".plain"))


class Posted:
    def __init__(self, point, context, path):
        content_type, body = live.split_http(path)
        for _ in range(50):  # right after a start, accesspoint-receive may be alone for a moment: 503, "try again"
            self.status, self.answer, self.type = live.post(point.msh, body, content_type, context)
            if self.status != 503:
                break
            time.sleep(0.1)
        self.codes = [c.decode() for c in live.error_codes(self.answer)]
        found = live.re.search(rb"<(?:\w+:)?MessageId>([^<]+)<", body)
        self.id = found.group(1).decode() if found else ""

    def __str__(self):
        return "HTTP %d %s %s" % (self.status, self.codes, self.answer[:300])


def is_receipt(score, name, posted, key, scratch):
    """A signed receipt about that message, by our checker with the sender's key."""
    path = scratch + "/receipt.as4"
    with open(path, "wb") as f:
        f.write(b"Content-Type: %s\r\n\r\n%s" % (posted.type.encode(), posted.answer))
    other = {"c3-rsa": "c2-rsa", "c2-rsa": "c3-rsa"}[key]
    code, said = live.run(BUILD + "/bin/posthorn", "as4", "verify", "--key", "%s/%s.p12" % (KEYS, other), "--password",
                          "test", "--trust", KEYS + "/ca.pem", "--partner", "%s/%s.pem" % (KEYS, key), path)
    return score.claim(name + ": answered with a good receipt", posted.status == 200 and code == 0 and
                       "accept receipt" in said and posted.id.encode() in posted.answer, (str(posted), said))


def accept(score, name, point, key, posted, sums, scratch):
    if is_receipt(score, name, posted, key, scratch):
        score.claim(name + ": its payloads are stored", point.payloads(posted.id) == sums,
                    (point.payloads(posted.id), sums))


def refuse(score, name, point, posted, codes):
    score.claim(name + ": refused with one of " + codes,
                posted.status == 500 and len(posted.codes) == 1 and posted.codes[0] in codes.split(","), posted)
    score.claim(name + ": nothing is left behind", point.payloads(posted.id) is None)


def signal(score, name, point, posted, status, codes):
    score.claim(name + ": understood", posted.status == status and posted.codes == codes, posted)
    score.claim(name + ": as a signal", bool(point.log_lines("as4.signal_unexpected")))


def judge(score, points, context, path, row, scratch, sums):
    name, profile, verdict, codes = os.path.basename(path), row[1], row[2], row[3]
    key = "c2-rsa" if verdict in ("valid-receipt", "valid-error") or row[4] == "c2-rsa" else "c3-rsa"
    point = points[key]
    posted = Posted(point, context, path)
    if profile in NOT_SPOKEN:
        refuse(score, name, point, posted, "EBMS:0103")
    elif verdict == "accept":
        accept(score, name, point, key, posted, sums, scratch)
    elif verdict == "accept-not-delivered":
        is_receipt(score, name, posted, key, scratch)
        score.claim(name + ": not delivered", point.payloads(posted.id) is None)
    elif verdict in ("valid-receipt", "valid-error"):
        signal(score, name, point, posted, 202, [])
    elif verdict == "valid-pullrequest":
        signal(score, name, point, posted, 500, ["EBMS:0010"])  # nothing is offered for pulling
    elif verdict == "either" and posted.status == 200:
        accept(score, name, point, key, posted, sums, scratch)
    else:
        refuse(score, name, point, posted, codes)


def again(score, point, context, scratch):
    """The first of them again: the same receipt, nothing new; and with encryption optional, the signed one too."""
    path = os.path.join(SAMPLES, "wss4j-made", "v115-bst.as4")
    answers = {Posted(point, context, path).answer for _ in range(2)}
    score.claim("v115-bst.as4 again: the same octets", len(answers) == 1)
    point.stop()
    point.begin(OPEN)
    answers.add(Posted(point, context, path).answer)
    score.claim("v115-bst.as4 after a restart: the same octets", len(answers) == 1)
    path = os.path.join(SAMPLES, "wss4j-made", "v115-signonly-nogzip.as4")
    posted = Posted(point, context, path)
    if is_receipt(score, "v115-signonly-nogzip.as4, encryption optional", posted, "c3-rsa", scratch):
        score.claim("v115-signonly-nogzip.as4: its payloads are stored",
                    sorted(point.payloads(posted.id)) == plain_sums(path), point.payloads(posted.id))


def main():
    if not os.path.isdir(SAMPLES):
        live.skip("no sample messages at " + SAMPLES)
    scratch, score, keys = live.scratch_folder("samples"), live.Score(), world()
    points = {name: AccessPoint(scratch, keys, name) for name in ("c3-rsa", "c2-rsa")}
    context = live.ssl.create_default_context(cafile=keys + "/open-test/trust/tls.pem")
    context.load_cert_chain(keys + "/open-test/kommun/tls.pem", keys + "/open-test/kommun/tls.key")
    started = []
    try:
        for point in points.values():
            started.append(point)
            point.begin(STRICT)
        for row in rows_of("wss4j-made"):
            path = os.path.join(SAMPLES, "wss4j-made", row[0])
            judge(score, points, context, path, row, scratch, plain_sums(path))
        for row in rows_of("gateway-made"):
            judge(score, points, context, os.path.join(SAMPLES, "gateway-made", row[0]), row, scratch,
                  row[5].split(","))
        again(score, points["c3-rsa"], context, scratch)
    finally:
        for point in started:
            point.stop()
    if score.failed:
        print("left for a look:", scratch)
    else:
        shutil.rmtree(scratch)
    return score.end("live_samples")


sys.exit(main())
