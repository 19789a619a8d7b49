# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""Makes mutants of SDK messages, XHE envelopes and message receipts: (name, bytes), always the same.

A name is BASE~WHAT~WHERE: the file it was made from, the change, and the element (its path without
the root). The table of wanted differences (sdk_differences.tsv) matches on these names.
"""
import copy
import re

from lxml import etree

import sdk_bases

XSI = "http://www.w3.org/2001/XMLSchema-instance"
HOLE = "HOLE-in-the-text"


def parse(data):
    return etree.fromstring(data, etree.XMLParser(no_network=True, resolve_entities=False))


def serial(root):
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def local(e):
    return etree.QName(e).localname


def elements(root):
    return [e for e in root.iter() if isinstance(e.tag, str)]


def where(e):
    """The path of an element without the root: a.b.c, with [n] where there are several."""
    steps = []
    while e.getparent() is not None:
        parent = e.getparent()
        same = [c for c in parent if c.tag == e.tag]
        steps.append(local(e) + ("%d" % (same.index(e) + 1) if len(same) > 1 else ""))
        e = parent
    return ".".join(reversed(steps[:5])) or "root"


class Maker:
    """Collects mutants of one base; every change is made on a fresh copy."""

    def __init__(self, base, data):
        self.base, self.root, self.out = base, parse(data), []
        self.paths = [(self.root.getroottree().getelementpath(e), where(e)) for e in elements(self.root)]

    def add(self, what, at, data):
        self.out.append(("%s~%s~%s" % (self.base, what, at), data))

    def at(self, path):
        root = copy.deepcopy(self.root)
        return root, (root if path == "." else root.find(path))

    def edit(self, what, path, name, change):
        """change(element) edits the copy; it returns False when it does not apply."""
        root, e = self.at(path)
        if change(e) is not False:
            self.add(what, name, serial(root))

    def raw(self, what, path, name, xml):
        """Put literal XML text where the element's text is; {} stands for the text that was there."""
        root, e = self.at(path)
        if len(e):
            return
        old = e.text or ""
        e.text = HOLE
        self.add(what, name, serial(root).replace(HOLE.encode(), xml.replace("{}", old.replace("&", "&amp;").replace("<", "&lt;")).encode()))


# ---- one change at one element ------------------------------------------------------------------

def drop(e):
    if e.getparent() is None:
        return False
    e.getparent().remove(e)


def double(e):
    if e.getparent() is None:
        return False
    e.addnext(copy.deepcopy(e))


def clear(e, text):
    for c in list(e):
        e.remove(c)
    e.text = text


def leaf(text):
    return lambda e: False if len(e) else setattr(e, "text", text(e.text or "") if callable(text) else text)


def swap(e):
    follower = e.getnext()
    if e.getparent() is None or follower is None:
        return False
    follower.addnext(e)


def rename(e, namespace, name):
    e.tag = "{%s}%s" % (namespace, name) if namespace else name


def child(e, tag, first):
    c = etree.Element(tag)
    c.text = "x"
    e.insert(0, c) if first else e.append(c)


def stray(e):
    if not len(e):
        return False
    e[0].tail = (e[0].tail or "") + "stray"


ELEMENT_EDITS = [
    ("drop", drop),
    ("double", double),
    ("empty", lambda e: clear(e, None)),
    ("blank", lambda e: clear(e, " \t\n ")),
    ("long", leaf("x" * 257)),
    ("wrong", leaf("xyzzy")),
    ("swap", swap),
    ("wrong-ns", lambda e: rename(e, "urn:posthorn.example:wrong", local(e))),
]
MORE_EDITS = [
    ("long-enough", leaf("x" * 256)),
    ("padded", leaf(lambda t: "  " + t + " \n")),
    ("no-ns", lambda e: rename(e, None, local(e))),
    ("misspelt", lambda e: rename(e, etree.QName(e).namespace, local(e).swapcase())),
    ("attribute", lambda e: e.set("unknown", "1")),
    ("foreign-attribute", lambda e: e.set("{urn:posthorn.example:more}a", "1")),
    ("child-own", lambda e: child(e, "{%s}unknown" % etree.QName(e).namespace, False)),
    ("child-foreign", lambda e: child(e, "{urn:posthorn.example:more}thing", False)),
    ("child-foreign-first", lambda e: child(e, "{urn:posthorn.example:more}thing", True)),
    ("child-no-ns", lambda e: child(e, "thing", False)),
    ("stray-text", stray),
    ("xsi-nil", lambda e: e.set("{%s}nil" % XSI, "true")),
    ("xsi-type-string", lambda e: (e.set("{%s}type" % XSI, "xs:string"), None)[1]),
    ("comment-around", lambda e: (e.insert(0, etree.Comment(" a remark ")), None)[1]),
    ("pi-around", lambda e: (e.insert(0, etree.ProcessingInstruction("hint", "x")), None)[1]),
]
LEAF_TEXTS = [
    ("cdata", "<![CDATA[{}]]>"),
    ("comment-after", "{}<!-- a remark -->"),
    ("only-comment", "<!-- a remark -->"),
    ("only-pi", "<?hint x?>"),
    ("only-cdata-blank", "<![CDATA[  ]]>"),
    ("no-break-space", "&#160;"),
]


# The middle ones of five alike: what happens to the first and the last is enough.
SAME_AGAIN = re.compile(r"BusinessScopeCriterion[234]\b")


def at_elements(m, level, thin):
    """thin: of the longer list every third change at each element, another third at the next one."""
    for n, (path, name) in enumerate(m.paths):
        if SAME_AGAIN.search(name):
            continue
        for what, change in ELEMENT_EDITS:
            m.edit(what, path, name, change)
        for k, (what, change) in enumerate(MORE_EDITS + LEAF_TEXTS if level == "full" else []):
            if thin and (n + k) % 3:
                continue
            if callable(change):
                m.edit(what, path, name, change)
            else:
                m.raw(what, path, name, change)
        if level != "short":
            at_attributes(m, path, name)


def at_attributes(m, path, name):
    for key in m.at(path)[1].attrib:
        at = name + "." + etree.QName(key).localname
        m.edit("attribute-drop", path, at, lambda e: e.attrib.pop(key) and None)
        for what, value in (("empty", ""), ("blank", "  "), ("wrong", "xyzzy"), ("long", "x" * 300), ("odd", "1 %zz["), ("padded", None)):
            m.edit("attribute-" + what, path, at,
                   lambda e: e.set(key, " %s " % e.get(key) if value is None else value))


# ---- values ------------------------------------------------------------------------------------------

TIMES = [
    "2026-01-31T10:00:00.000Z", "2026-01-31T10:00:00.1Z", "2026-01-31T10:00:00.12Z", "2026-01-31T10:00:00.1234Z",
    "2026-01-31T10:00:00Z", "2026-01-31T10:00:00", "2026-01-31T10:00:00.123", "2026-01-31T10:00:00.123+01:00",
    "2026-01-31T10:00:00+01:00", "2026-01-31T10:00:00-00:00", "2026-01-31T10:00:00.123z", "2026-01-31 10:00:00.123Z",
    "2026-1-31T10:00:00.123Z", "2026-02-29T10:00:00.123Z", "2024-02-29T10:00:00.123Z", "2026-01-31T24:00:00.000Z",
    "2026-01-31T23:59:60.000Z", "2026-13-01T10:00:00.123Z", "12026-01-31T10:00:00.123Z", "-2026-01-31T10:00:00.123Z",
    "0000-01-31T10:00:00.123Z", "2026-01-31T10:00:00,123Z", "2026-01-31T10:00:00.Z", "2026-01-31T10:00:00.123Z ",
    " 2026-01-31T10:00:00.123Z", "2026-01-31T10:00:00.123Z\n", "20260131T100000Z", "2026-01-31T10:00Z", "2026-01-31",
    "2026-01-31T10:00:00.123+14:00", "2026-01-31T10:00:00.123+15:00", "2026-01-31T10:00:00.123+0100", "1769853600",
]
DATES = ["2026-01-31", "2026-01-31Z", "2026-01-31+01:00", "2026-02-30", "2026-1-1", "20260131", "31/01/2026",
         "2026-01-31T00:00:00Z", " 2026-01-31 ", "-0001-01-01", "12026-01-31", "2026-01-31\n"]
HOURS = ["12:00:00Z", "12:00:00", "12:00:00.123Z", "12:00:00+01:00", "12:00Z", "24:00:00Z", "25:00:00Z", "12:00:60Z",
         " 12:00:00Z ", "12.00.00Z", "120000Z", "12:00:00-14:00", "12:00:00+14:01", "12:00:00.Z", "12:00:00 Z", "12:00:00+01"]
BOOLEANS = ["true", "false", "1", "0", "TRUE", "False", " true ", "\nfalse\n", "yes", "on", "t", "01", "true false", "+1"]
UUIDS = [
    "7BC5576A-3F87-4CF5-A0C5-277DA06FCACB", "7bc5576a-3f87-1cf5-a0c5-277da06fcacb", "00000000-0000-0000-0000-000000000000",
    "{7bc5576a-3f87-4cf5-a0c5-277da06fcacb}", "urn:uuid:7bc5576a-3f87-4cf5-a0c5-277da06fcacb", "7bc5576a3f874cf5a0c5277da06fcacb",
    "7bc5576a-3f87-4cf5-a0c5-277da06fcac", "7bc5576a-3f87-4cf5-a0c5-277da06fcacbb", "7bc5576g-3f87-4cf5-a0c5-277da06fcacb",
    " 7bc5576a-3f87-4cf5-a0c5-277da06fcacb", "7bc5576a-3f87-4cf5-a0c5-277da06fcacb ", "7bc5576a-3f87-4cf5-a0c5-277da06fcacb\n",
    "7bc5576a\u20103f87-4cf5-a0c5-277da06fcacb", "\uff17bc5576a-3f87-4cf5-a0c5-277da06fcacb", "7bc5576a-3f87-4cf5-a0c5-277da06fcacb\u00d6",
    "7bc5576a-3f87-4cf5-a0c5-277da06fcacb@ap.example",
]
BASE64 = [
    ("three-octets", "QUJD"), ("two-octets", "QUI="), ("one-octet", "QQ=="), ("four-octets", "QUJDRA=="), ("lines-lf", "QUJD\nREVG"),
    ("lines-crlf", "QUJD\r\nREVG\r\n"), ("blank-before", " QUJD"), ("blank-after", "QUJD "), ("blank-within", "QUJD REVG"),
    ("lines-reference", "QUJD&#10;REVG"), ("tab-reference", "QUJD&#9;REVG"), ("letter-reference", "&#81;UJD"), ("cdata", "<![CDATA[QUJD]]>"),
    ("comment-within", "QUJD<!-- x -->REVG"), ("plus-slash", "+/+/"), ("long-line", "UVVKRA" * 700), ("long-cut", "QUJD" * 10000),
    ("cut-3", "QUJ"), ("cut-2", "QU"), ("cut-1", "Q"), ("cut-5", "QUJDR"), ("no-padding", "QUI"), ("half-padding", "QQ="),
    ("padding-3", "QQ==="), ("padding-first", "=QUJ"), ("padding-within", "QU=D"), ("padding-too-much", "QUJD="), ("padding-4", "QUJD===="),
    ("only-padding-1", "="), ("only-padding-4", "===="), ("after-padding", "QUJDQQ==QUJD"), ("bits-left-2", "QR=="), ("bits-left-1", "QUK="),
    ("url-minus", "QUJ-"), ("url-low-line", "QUJ_"), ("star", "QUJ*"), ("dot", "QUJD."), ("ring", "QUJ\u00c5"), ("ring-first", "\u00c5QUJ"),
    ("minus-first", "-UJD"), ("star-first", "*"), ("data-uri", "data:text/plain;base64,QUJD"),
    ("long-cut-bad-end", "QUJD" * 10000 + "*"), ("long-cut-no-padding", "QUJD" * 10000 + "QQ"), ("long-cut-bad-middle", "QUJD" * 5000 + "\u00c5" + "QUJD" * 5000),
]
LENGTHS = [("ascii-255", "a" * 255), ("ascii-256", "a" * 256), ("ascii-257", "a" * 257), ("ascii-300", "a" * 300),
           ("ring-256", "\u00e5" * 256), ("ring-257", "\u00e5" * 257), ("astral-256", "\U0001f4ef" * 256),
           ("astral-257", "\U0001f4ef" * 257), ("blanks-within", "a" + " " * 255), ("blanks-around", " " * 128 + "a" + " " * 128),
           ("blanks-after", "a" + " " * 256), ("astral-129", "\U0001f4ef" * 129), ("combining", "a\u030a" * 128),
           ("huge", "a" * 20000), ("huge-blank", " " * 20000), ("huge-not-base64", "\u00e5" * 20000)]


def at_values(m, values):
    """values: {local name: list of texts, literal XML}; the first two elements of that name get each."""
    for name, texts in values.items():
        hits = [(p, w) for p, w in m.paths if w.split(".")[-1].rstrip("0123456789") == name][:2]
        for path, at in hits:
            for text in texts:
                label, xml = text if isinstance(text, tuple) else (text[:48] or "empty", text)
                m.raw("value-" + label, path, at, xml)


# ---- the document as a whole ----------------------------------------------------------------------

def with_prefixes(data, old, new):
    """Another prefix for the same namespace; new '' makes it the default one."""
    data = data.replace(("xmlns:%s=" % old).encode(), ("xmlns:%s=" % new if new else "xmlns=").encode())
    return re.sub(("(</?)%s:" % old).encode(), lambda g: g.group(1) + (new + ":" if new else "").encode(), data)


def each_declares(text):
    """Every element declares its own prefix again, as some serialisers write it."""
    declared = dict(re.findall(r'xmlns:([\w.-]+)="([^"]*)"', text))
    return re.sub(r"<(([\w.-]+):[\w.-]+)(?![^>]*xmlns)", lambda g: '<%s xmlns:%s="%s"' % (g.group(1), g.group(2), declared[g.group(2)])
                  if g.group(2) in declared else g.group(0), text).encode()


def documents(m):
    plain = serial(m.root)
    body = plain.split(b"?>", 1)[1].lstrip()
    text = body.decode()
    head = '<?xml version="1.0" encoding="%s"?>\n'
    root = re.match(r"<([\w.:-]+)", text).group(1)
    doctype = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE %s%%s>\n' % root
    first_leaf = re.search(r">([^<>\s][^<>]*)</", text)

    def in_leaf(xml):
        return text[:first_leaf.start(1)] + xml + text[first_leaf.end(1):]
    for name, data in {
        "no-declaration": body,
        "bom": b"\xef\xbb\xbf" + plain,
        "bom-no-declaration": b"\xef\xbb\xbf" + body,
        "blank-before-declaration": b"\n" + plain,
        "blank-before-root": b"\n\n  " + body,
        "utf-16": (head % "UTF-16" + text).encode("utf-16"),
        "utf-16-no-declaration": text.encode("utf-16"),
        "utf-16be": b"\xfe\xff" + (head % "UTF-16" + text).encode("utf-16-be"),
        "utf-32": (head % "UTF-32" + text).encode("utf-32"),
        "latin-1": (head % "ISO-8859-1" + text).encode("iso-8859-1", "xmlcharrefreplace"),
        "us-ascii": (head % "US-ASCII" + text).encode("ascii", "xmlcharrefreplace"),
        "windows-1252": (head % "windows-1252" + text).encode("cp1252", "xmlcharrefreplace"),
        "utf8-lower-case": (head % "utf-8" + text).encode(),
        "utf8-without-hyphen": (head % "UTF8" + text).encode(),
        "encoding-unknown": (head % "x-unheard-of" + text).encode(),
        "encoding-lies": (head % "UTF-16" + text).encode(),
        "standalone-yes": plain.replace(b"?>", b' standalone="yes"?>', 1),
        "standalone-no": plain.replace(b"?>", b' standalone="no"?>', 1),
        "version-1.1": plain.replace(b"version='1.0'", b"version='1.1'", 1),
        "version-2.0": plain.replace(b"version='1.0'", b"version='2.0'", 1),
        "comment-before": plain.replace(b"?>", b"?>\n<!-- a remark -->", 1),
        "comment-after": plain + b"\n<!-- a remark -->\n",
        "comment-with-hyphens": plain + b"\n<!-- a -- b -->\n",
        "pi-before": plain.replace(b"?>", b'?>\n<?xml-stylesheet type="text/xsl" href="x.xsl"?>', 1),
        "pi-after": plain + b"<?done x?>",
        "pi-xml": plain + b"<?xml x?>",
        "blank-after": plain + b"\n\n  \t\n",
        "text-after": plain + b"x",
        "element-after": plain + b"<x/>",
        "twice": plain + body,
        "cut": plain[:len(plain) // 2],
        "cut-by-one": plain.rstrip()[:-1],
        "nothing": b"",
        "blanks": b"  \n ",
        "crlf": plain.replace(b"\n", b"\r\n"),
        "cr": plain.replace(b"\n", b"\r"),
        "one-line": re.sub(rb">\s+<", b"><", plain),
        "tabs-everywhere": re.sub(rb">\s+<", b">\n\t\t\t<", plain),
        "blanks-in-tags": re.sub(rb"</([\w:]+)>", rb"</\1  >", plain),
        "quotes": plain.replace(b'"', b"'"),
        "in-a-root": ("<wrapped>%s</wrapped>" % text).encode(),
        "other-root": re.sub(root, root[:-1] + "z", text).encode(),
        "no-namespace": re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", re.sub(r"(</?)\w+:", r"\1", text)).encode(),
        "namespace-slash": text.replace('"urn:', '"urn://', 1).replace('xs:', 'xs:', 1).encode(),
        "unused-namespace": text.replace(root, root + ' xmlns:unused="urn:posthorn.example:unused"', 1).encode(),
        "undeclared-prefix": text.replace("<" + root, "<" + root + ' q:a="1"', 1).encode(),
        "same-attribute-twice": text.replace("<" + root, "<" + root + ' a="1" a="1"', 1).encode(),
        "schema-location": text.replace("<" + root, "<" + root + ' xmlns:xsi="%s" xsi:schemaLocation="urn:a http://192.0.2.1/a.xsd"' % XSI, 1).encode(),
        "schema-location-none": text.replace("<" + root, "<" + root + ' xmlns:xsi="%s" xsi:noNamespaceSchemaLocation="a.xsd"' % XSI, 1).encode(),
        "xml-lang": text.replace("<" + root, "<" + root + ' xml:lang="sv"', 1).encode(),
        "xml-space": text.replace("<" + root, "<" + root + ' xml:space="preserve"', 1).encode(),
        "xml-id": text.replace("<" + root, "<" + root + ' xml:id="a"', 1).encode(),
        "char-reference": in_leaf("&#x41;&#66;").encode(),
        "char-reference-nul": in_leaf("&#0;").encode(),
        "char-reference-control": in_leaf("&#x1;").encode(),
        "char-reference-surrogate": in_leaf("&#xD800;").encode(),
        "char-reference-ffff": in_leaf("&#xFFFF;").encode(),
        "entity-predefined": in_leaf("&lt;&gt;&amp;&apos;&quot;").encode(),
        "entity-undeclared": in_leaf("&nope;").encode(),
        "bare-ampersand": in_leaf("a & b").encode(),
        "bare-cdata-end": in_leaf("a ]]> b").encode(),
        "nul-octet": in_leaf("a\0b").encode(),
        "control-octet": in_leaf("a\x02b").encode(),
        "utf8-overlong": in_leaf("HOLE").encode().replace(b"HOLE", b"\xc0\xaf"),
        "utf8-broken": in_leaf("HOLE").encode().replace(b"HOLE", b"\xc3"),
        "utf8-surrogate": in_leaf("HOLE").encode().replace(b"HOLE", b"\xed\xa0\x80"),
        "doctype": (doctype % "" + text).encode(),
        "doctype-empty": (doctype % " []" + text).encode(),
        "doctype-entity": (doctype % ' [<!ENTITY e "x">]' + in_leaf("&e;")).encode(),
        "doctype-entity-unused": (doctype % ' [<!ENTITY e "x">]' + text).encode(),
        "doctype-external": (doctype % ' SYSTEM "http://192.0.2.1/x.dtd"' + text).encode(),
        "doctype-file": (doctype % ' [<!ENTITY e SYSTEM "file:///etc/hostname">]' + in_leaf("&e;")).encode(),
        "doctype-default-attribute": (doctype % (' [<!ATTLIST %s a CDATA "1">]' % root) + text).encode(),
        "doctype-laughs": (doctype % (' [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]') + in_leaf("&b;")).encode(),
        "namespaces-70": text.replace("<" + root, "<" + root + "".join(" xmlns:n%d='urn:n%d'" % (n, n) for n in range(70)), 1).encode(),
        "namespace-long": text.replace("<" + root, "<" + root + " xmlns:n='urn:%s'" % ("n" * 20000), 1).encode(),
        "namespace-at-each": each_declares(text),
        "deep": in_leaf("<d xmlns='urn:posthorn.example:deep'>" * 300 + "</d>" * 300).encode(),
    }.items():
        m.add("document-" + name, "root", data)
    for uri, prefix in {u: p for p, u in m.root.nsmap.items() if p}.items():
        m.add("prefix-other", prefix, with_prefixes(body, prefix, "other"))
        if None not in m.root.nsmap:
            m.add("prefix-none", prefix, with_prefixes(body, prefix, ""))


# ---- everything of a kind --------------------------------------------------------------------------

VALUES = {
    "message": {
        "creationDateTime": TIMES, "messageId": UUIDS, "conversationId": UUIDS[:6], "refToMessageId": UUIDS,
        "confidentiality": BOOLEANS, "label": LENGTHS, "content": BASE64, "index": ["0", "01", "-1", "one", "\u0661", "1.0"],
        "root": ["ISO6523-ACTORID-UPIS", "iso6523-actorid-upis ", "iso6523-actorid-upis\n", "unregistred", "1.2.752.29.6.2.1",
                 "urn:riv:infrastructure:messaging:functionaladdress"],
        "contentType": ["application/pdf", "image/png", "nonsense"], "fileName": ["../../etc/passwd", "a/b.pdf", "\u00e5.pdf", "x" * 300],
        "characterSequence": ["<![CDATA[# A heading <b>]]>", "x" * 20000, "&#13;"],
    },
    "xhe": {
        "CreationDateTime": TIMES, "InstanceEncryptionIndicator": BOOLEANS, "ID": UUIDS[:5] + ["0203:a.se", "x" * 300, "a\tb", "a\nb"],
        "XHEVersionID": ["1.0", " 1.0 ", "1.0\n", "1", "1.1", "1.00", "2.0"],
        "CustomizationID": ["urn:fdc:digg.se:edelivery:xhe:1", " urn:fdc:digg.se:edelivery:xhe:1 ", "urn:fdc:digg.se:edelivery:XHE:1",
                            "urn:fdc:digg.se:edelivery:xhe:2"],
        "BusinessScopeCriterionTypeCode": [" DOCUMENTID ", "documentid", "DOCUMENT_SCHEME", "DOCUMENTID_SCHEME", "PROCESSID",
                                           "PROCESSID_SCHEME", "FEDERATIONID", "DOCUMENTID", "OTHER"],
        "SignatureValue": BASE64, "DigestValue": BASE64, "X509Certificate": BASE64, "CipherValue": BASE64[:30],
        "ContentTypeCode": ["text/xml", "application/XML", "x"], "DocumentTypeCode": ["Q{}x", "x", " x "],
        "PayloadContent": ["QUJD", "text", "", " ", "a &amp; b"],
    },
    "receipt": {
        "IssueDate": DATES, "IssueTime": HOURS, "CustomizationID": ["urn:fdc:digg.se:edelivery:messagetype:response:1 ", "urn:x"],
        "ProfileID": [" bdx:noprocess ", "bdx:NOPROCESS", "bdx:noprocess\n"], "ID": UUIDS[:6] + ["x" * 300],
        "EndpointID": ["0203:a.se", "a.se", "0088:1", " 0203:a.se "], "LineID": ["NA", "/a/b[1]", "&lt;a&gt;", "x" * 5000],
        "ResponseCode": ["ACCEPTED", "REJECTED", "accepted", " ACCEPTED ", " REJECTED ", "AP", "RE", "SV", "BV", "SIG", " SV ", "sv",
                         "BV\n", "SV BV", "&#9;ACCEPTED"],
        "StatusReasonCode": ["structure", "STRUCTURE", "unheard-of", "x" * 300], "StatusReason": ["x" * 5000, "\u00e5\U0001f4ef", "&#13;x"],
    },
}


def mutants(kind, files, thin):
    """All mutants of a kind from the official files (name -> bytes), without two equal ones; thin: about half of them."""
    out, seen = [], set()
    for base, level, data in sdk_bases.bases(kind, files, thin):
        m = Maker(base, data)
        m.add("as-it-is", "root", data)
        at_elements(m, level, thin)
        if level == "full":
            documents(m)
            at_values(m, VALUES[kind])
        m.out += [("%s~%s~%s" % (base, what, at), serial(root)) for what, at, root in sdk_bases.special(kind, base, m.root)]
        for name, made in m.out:
            if made not in seen:
                seen.add(made)
                out.append((re.sub(r"[^\w.~+-]", "_", name, flags=re.ASCII), made))
    names = {}
    for n, (name, made) in enumerate(out):
        names[name] = names.get(name, 0) + 1
        if names[name] > 1:
            out[n] = ("%s-%d" % (name, names[name]), made)
    return out
