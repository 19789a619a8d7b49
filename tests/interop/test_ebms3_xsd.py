#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""schemas/ebms3.xsd takes the eb:Messaging of every sound sample of other gateways, and refuses the malformed ones.

Exit status 0, 1 on a fault, 77 when the samples or python3-lxml are missing. Last line 'N passed, N failed'.
"""
import csv
import glob
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..")
SAMPLES = os.path.join(os.environ.get("POSTHORN_SHARED") or os.path.join(TOP, "..", "shared"), "data", "as4-samples")
SCHEMAS = os.environ.get("POSTHORN_SCHEMA_DIR") or os.path.join(TOP, "schemas")
EB = "{http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/}"
# What is wrong with each is a matter of form; all others are wrong in ways that a schema does not see.
MALFORMED = {"n115-nomsgid.as4": "MessageId", "UserMessageNoPartyID.xml": "PartyId", "NoResponder.xml": "PartyInfo"}
NOT_XML = {"UserMessageWithCompressedPayload12.xml", "TestReceipt11.xml", "PullRequest12.xml"}

if not os.path.isdir(SAMPLES):
    print("skipped: the samples are not at " + os.path.normpath(SAMPLES))
    sys.exit(77)
try:
    from lxml import etree
except ImportError:
    print("skipped: python3-lxml is not installed for " + sys.executable)
    sys.exit(77)


def listed():
    """The files that expected.tsv names, so that a sample that cannot be read is noticed."""
    for table in glob.glob(os.path.join(SAMPLES, "*", "expected.tsv")):
        for row in csv.reader(open(table, encoding="utf-8"), delimiter="\t"):
            if row and not row[0].startswith("#"):
                yield os.path.join(os.path.dirname(table), row[0])
    yield from sorted(glob.glob(os.path.join(SAMPLES, "phase4", "*.xml")))


def headers(path):
    """Each eb:Messaging of the SOAP envelope in a file, as a document of its own."""
    found = re.search(rb"<([\w.-]+:)?Envelope\b.*?</([\w.-]+:)?Envelope>", open(path, "rb").read(), re.S)
    for e in etree.fromstring(found.group(0)).iter(EB + "Messaging") if found else ():
        yield etree.ElementTree(etree.fromstring(etree.tostring(e, with_tail=False)))


def main():
    schema = etree.XMLSchema(etree.parse(os.path.join(SCHEMAS, "ebms3.xsd")))
    passed, faults = 0, []
    for path in listed():
        name = os.path.basename(path)
        if name in NOT_XML:
            continue
        trees = list(headers(path))
        why = "" if all([schema.validate(t) for t in trees]) else str(schema.error_log[0].message)
        if name in MALFORMED:
            good = MALFORMED[name] in why
        else:
            good = not why and (trees or path.endswith(".xml"))
        passed += bool(good)
        faults += [] if good else ["%s: %s" % (name, why or "%d eb:Messaging, all taken" % len(trees))]
    for fault in faults:
        print("FAIL " + fault)
    print("%d passed, %d failed" % (passed, len(faults)))
    return 1 if faults or not passed else 0


sys.exit(main())
