# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""The documents that mutants are made from, and the changes that belong to one kind only.

The first base of a kind is the richest and gets every change; the others get the short list.
The official messages have no files, references or foreign elements: a rich message is made here.
"""
import copy

from lxml import etree

M = "urn:riv:infrastructure:messaging:MessageWithAttachments:3"
XHE = "http://docs.oasis-open.org/bdxr/ns/XHE/1/"
XHA, XHB, EXT = ("{%s%s}" % (XHE, n) for n in ("AggregateComponents", "BasicComponents", "ExtensionComponents"))
DS, XENC = "{http://www.w3.org/2000/09/xmldsig#}", "{http://www.w3.org/2001/04/xmlenc#}"
CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
UDT = "urn:oasis:names:specification:ubl:schema:xsd:UnqualifiedDataTypes-2"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"

RICH = """<m:messagePayload xmlns:m="%s">
 <m:message>
  <m:messageHeader>
   <m:creationDateTime>2026-01-31T10:00:00.123Z</m:creationDateTime>
   <m:messageId>0f8fad5b-d9cb-469f-a165-70867728950e</m:messageId>
   <m:conversationId>7c9e6679-7425-40de-944b-e07fc1f90ae7</m:conversationId>
   <m:refToMessageId>7c9e6679-7425-40de-944b-e07fc1f90ae7</m:refToMessageId>
   <m:label>Ett \u00e4rende</m:label>
   <m:confidentiality>true</m:confidentiality>
   <m:generatingSystem><m:root>system</m:root><m:extension>Posthorn</m:extension></m:generatingSystem>
   <m:recipient>
    <m:recipientID><m:root>iso6523-actorid-upis</m:root><m:extension>0203:b.example.se</m:extension></m:recipientID>
    <m:label>Myndighet B</m:label>
    <m:attention>
     <m:person>
      <m:personId><m:root>1.2.752.129.2.1.3.1</m:root><m:extension>191212121212</m:extension></m:personId>
      <m:label>Tolvan Tolvansson</m:label>
     </m:person>
     <m:person><m:label>N\u00e5gon annan</m:label></m:person>
     <m:subOrganization>
      <m:organizationId><m:root>urn:riv:infrastructure:messaging:functionalAddress</m:root><m:extension>b.inkorg</m:extension></m:organizationId>
      <m:label>Inkorg</m:label>
     </m:subOrganization>
     <m:reference>
      <m:referenceId><m:root>dnr</m:root><m:extension>2026-17</m:extension></m:referenceId>
      <m:label>Diarienummer</m:label>
     </m:reference>
    </m:attention>
   </m:recipient>
   <m:sender>
    <m:senderID><m:root>iso6523-actorid-upis</m:root><m:extension>0203:a.example.se</m:extension></m:senderID>
    <m:attention>
     <m:subOrganization>
      <m:organizationId><m:root>urn:riv:infrastructure:messaging:functionalAddress</m:root><m:extension>a.inkorg</m:extension></m:organizationId>
     </m:subOrganization>
    </m:attention>
   </m:sender>
   <f:more xmlns:f="urn:posthorn.example:foreign"><f:thing a="1">x</f:thing></f:more>
  </m:messageHeader>
  <m:messageBody>
   <m:documents>
    <m:documentID>SDK-Meddelande</m:documentID>
    <m:documentName>Ans\u00f6kan</m:documentName>
    <m:index>1</m:index>
    <m:ContentFiles>
     <m:fileName>ans\u00f6kan.pdf</m:fileName>
     <m:contentType>application/pdf</m:contentType>
     <m:content>JVBERi0xLjQKJcOkw7zDtsOfCg==</m:content>
    </m:ContentFiles>
    <m:ContentText><m:characterSequence># Rubrik</m:characterSequence></m:ContentText>
   </m:documents>
   <m:documents>
    <m:documentID>2</m:documentID>
    <m:ContentText><m:characterSequence>Mer text</m:characterSequence></m:ContentText>
   </m:documents>
  </m:messageBody>
 </m:message>
</m:messagePayload>
""" % M


def bases(kind, files, thin):
    """[(name, level, bytes)] of a kind. Level full: every change; wide: the short list and attributes; short.

    files: official name -> bytes. Not thin: also what the rules refuse anyway, but the XSD must know.
    """
    if kind == "message":
        return [("rich", "full", RICH.encode()), ("min", "short", files["message/testdata/min.xml"])]
    if kind == "xhe":
        sealed = files["xhe/examples/XHE-tm-base-ext-sigenc.xml"]
        return [("sealed", "full", sealed), ("clear", "short", files["xhe/examples/XHE-tm-base.xml"]),
                ("edifact", "short", files["xhe/examples/XHE-NonXML-tm-base.xml"])] + \
            ([] if thin else [("crowded", "wide", crowded(sealed)), ("signed", "wide", signed(sealed))])
    return [("rejected", "full", files["receipt/examples/Kvittens_RE-SCHFel.xml"]),
            ("accepted", "short", files["receipt/examples/Kvittens_AP-Accepterat.xml"]),
            ("signature", "short", files["receipt/examples/Kvittens_RE-SIG.xml"])]


def make(tag, text=None, children=(), **attributes):
    e = etree.Element(tag, **attributes)
    e.text = text
    e.extend(children)
    return e


def special(kind, base, root):
    """(what, where, root) of the changes that only this kind has."""
    return {"message": message, "xhe": xhe, "receipt": receipt}[kind](base, root)


def placed(root, path, new, before):
    """A copy of root with the element new as a child of path, before the first child of one of the names."""
    root = copy.deepcopy(root)
    parent = root if path == "." else root.find(path)
    places = [c for c in parent if isinstance(c.tag, str) and etree.QName(c).localname in before]
    places[0].addprevious(copy.deepcopy(new)) if places else parent.append(copy.deepcopy(new))
    return root


def typed(root, path, prefix, uri, name):
    """A copy of root where an element names its type by xsi:type."""
    root = copy.deepcopy(root)
    e = root if path == "." else root.find(path)
    new = etree.Element(e.tag, nsmap={**e.nsmap, prefix: uri})
    new.text, new[:] = e.text, list(e)
    for key, value in e.attrib.items():
        new.set(key, value)
    new.set(XSI + "type", "%s:%s" % (prefix, name))
    if e.getparent() is None:
        return new
    e.getparent().replace(e, new)
    return root


# ---- messages -----------------------------------------------------------------------------------

def message(base, root):
    if base != "rich":
        return
    m = "{%s}" % M
    head, body = m + "message/" + m + "messageHeader", m + "message/" + m + "messageBody"
    for name, path in (("MessageType", m + "message"), ("MessageHeaderType", head), ("IIType", head + "/" + m + "generatingSystem"),
                       ("SenderType", head + "/" + m + "sender"), ("RecipientType", head + "/" + m + "sender"),
                       ("MessagePayloadType", "."), ("contentAsText", body + "/" + m + "documents/" + m + "ContentText"),
                       ("nonsense", m + "message")):
        yield "xsi-type", name, typed(root, path, "t", M, name)
    # Elements of the message's own namespace inside foreign ones: no schema there, but the rules still look.
    for name, text in (("messageId", "no-uuid"), ("messageId", "0f8fad5b-d9cb-469f-a165-70867728950e"), ("creationDateTime", "now"),
                       ("label", ""), ("content", "*"), ("messagePayload", "x")):
        inner = make("{urn:posthorn.example:foreign}box", children=[make(m + name, text)])
        yield "own-in-foreign", name, placed(root, head, inner, ())
    box = make("{urn:posthorn.example:foreign}box", children=[make(m + "recipientID", children=[make(m + "root", "other")])])
    yield "own-in-foreign", "recipientID", placed(root, head, box, ())
    yield "foreign-empty", "header", placed(root, head, make("{urn:posthorn.example:foreign}box"), ())
    yield "no-content", "documents", without(root, body + "/" + m + "documents", (m + "ContentFiles", m + "ContentText"))
    order = copy.deepcopy(root)
    files = order.find(body + "/" + m + "documents/" + m + "ContentFiles")
    files.getparent().append(files)
    yield "file-after-text", "documents", order
    yield from limits(root, head)
    many = copy.deepcopy(root)
    for _ in range(60):
        many.find(body).insert(0, copy.deepcopy(many.find(body)[0]))
    yield "many-documents", "documents", many


def limits(root, path):
    """Foreign elements that are legal but beyond what the reader takes (runtime/xml/doc.h), and just below it."""
    tag = "{urn:posthorn.example:foreign}d"
    for depth in (30, 100):
        top = inner = make(tag)
        for _ in range(depth):
            inner.append(make(tag))
            inner = inner[0]
        inner.text = "x"
        yield "foreign-depth", str(depth), placed(root, path, top, ())
    for n in (50, 70):
        yield "foreign-attributes", str(n), placed(root, path, make(tag, "x", **{"a%d" % k: "1" for k in range(n)}), ())
    for n in (5000, 25000):
        yield "foreign-elements", str(n), placed(root, path, make(tag, children=[make(tag, "x") for _ in range(n)]), ())
    yield "foreign-text", "1200-KiB", placed(root, path, make(tag, children=[make(tag, "\u00e5" * 1500) for _ in range(400)]), ())
    yield "foreign-text", "16-KiB-at-once", placed(root, path, make(tag, "\u00e5 " * 8000), ())
    yield "foreign-attribute", "12-KiB", placed(root, path, make(tag, "x", a="x" * 12000), ())
    yield "foreign-attribute", "20-KiB", placed(root, path, make(tag, "x", a="x" * 20000), ())


def without(root, path, tags):
    root = copy.deepcopy(root)
    for e in list(root.find(path)):
        if e.tag in tags:
            e.getparent().remove(e)
    return root


# ---- envelopes ----------------------------------------------------------------------------------

PAYLOAD = ("ID Description DocumentTypeCode ContentTypeCode CustomizationID ProfileID ProfileExecutionID HandlingServiceID ValidationTypeCode "
           "ValidationVersionID InstanceEncryptionIndicator InstanceEncryptionMethod InstanceHashValue "
           "InstanceDecryptionInformationExternalReference InstanceDecryptionKeyExternalReference RelevantExternalReference "
           "PayloadExternalReference PayloadContent").split()


def reference(name):
    return make(XHA + name, children=[make(XHB + "ID", "ref-1"), make(XHB + "AvailabilityStartDateTime", "2026-01-01T00:00:00Z"),
                                      make(XHB + "Login", "l"), make(XHB + "Password", "p")])


def xhe(base, root):
    head, payload = XHA + "Header", XHA + "Payloads/" + XHA + "Payload"
    scope = head + "/" + XHA + "BusinessScope"
    for n, name in enumerate(PAYLOAD[:-1]):
        new = reference(name) if name.endswith("Reference") else make(XHB + name, "true" if name.endswith("Indicator") else "x")
        yield "in-its-place", "Payload." + name, placed(root, payload, new, PAYLOAD[n + 1:])
        yield "at-the-end", "Payload." + name, placed(root, payload, new, ())
    for name, before in (("UUID", ("CreationDateTime",)), ("Description", ("CreationDateTime",))):
        yield "in-its-place", "Header." + name, placed(root, head, make(XHB + name, "x"), before)
    yield "in-its-place", "BusinessScope.ExternalReference", placed(root, scope, reference("ExternalReference"), ())
    bad = reference("ExternalReference")
    bad[1].text = "tomorrow"
    yield "bad-time", "BusinessScope.ExternalReference", placed(root, scope, bad, ())
    for name in ("ProfileID", "ProfileExecutionID"):
        yield "in-its-place", name, placed(root, ".", make(XHB + name, "x"), ("Header",))
    for name, only in (("own-unknown", make(XHA + "Unknown", "x")), ("own-known", make(XHA + "PartyIdentification", children=[make(XHB + "ID", "x")])),
                       ("basic", make(XHB + "ID", "x")), ("basic-bad", make(XHB + "CreationDateTime", "x")), ("no-namespace", make("thing", "x"))):
        changed = copy.deepcopy(root)
        changed.find(payload + "/" + XHA + "PayloadContent")[:] = [only]
        yield "payload", name, changed
    if base == "clear":
        yield from limits(root, payload + "/" + XHA + "PayloadContent/*")
    yield from extensions(root)
    yield from criteria(root, scope)
    yield from parties(root, head)
    if base == "sealed":
        yield from signatures(root)
        yield from envelope_types(root, head, payload)


def extensions(root):
    inner = make("{urn:posthorn.example:more}thing", "x")
    fields = [("Name", "n"), ("ExtensionAgencyID", "a"), ("ExtensionAgencyName", "b"), ("ExtensionVersionID", "1"), ("ExtensionAgencyURI", "u"),
              ("ExtensionURI", "u"), ("ExtensionReasonCode", "c"), ("ExtensionReason", "r")]
    full = [make(XHB + "ID", "1")] + [make(EXT + n, t) for n, t in fields]
    for name, children in (("content", []), ("full", full), ("two-names", [make(EXT + "Name", "a"), make(EXT + "Name", "b")]),
                           ("wrong-order", [full[2], full[1]])):
        extension = make(EXT + "XHEExtension", children=[copy.deepcopy(c) for c in children] +
                         [make(EXT + "ExtensionContent", children=[copy.deepcopy(inner)])])
        yield "extension", name, placed(root, ".", make(EXT + "XHEExtensions", children=[extension]), ("XHEVersionID",))
    yield "extension", "none", placed(root, ".", make(EXT + "XHEExtensions"), ("XHEVersionID",))
    for name, thing in (("own", make(EXT + "Name", "x")), ("no-namespace", make("thing", "x"))):
        lone = make(EXT + "XHEExtensions", children=[make(EXT + "XHEExtension", children=[make(EXT + "ExtensionContent", children=[thing])])])
        yield "extension-content", name, placed(root, ".", lone, ("XHEVersionID",))
    two = make(EXT + "ExtensionContent", children=[copy.deepcopy(inner), copy.deepcopy(inner)])
    yield "extension", "two-things", placed(root, ".", make(EXT + "XHEExtensions", children=[make(EXT + "XHEExtension", children=[two])]),
                                            ("XHEVersionID",))


def criterion(code, value="x"):
    return make(XHA + "BusinessScopeCriterion", children=[make(XHB + "BusinessScopeCriterionTypeCode", code),
                                                          make(XHB + "BusinessScopeCriterionValue", value)])


def criteria(root, scope):
    for code in ("DOCUMENTID", "FEDERATIONID", "OTHER"):
        yield "criterion-more", code, placed(root, scope, criterion(code), ())
    for n, one in enumerate(root.findall(scope + "/" + XHA + "BusinessScopeCriterion")):
        changed = copy.deepcopy(root)
        changed.find(scope)[n][0].text = "OTHER"
        yield "criterion-other", one[0].text, changed
    turned = copy.deepcopy(root)
    turned.find(scope)[:] = list(reversed(turned.find(scope)))
    yield "criteria-reversed", "BusinessScope", turned


def parties(root, head):
    second = make(XHA + "ToParty", children=[make(XHA + "PartyIdentification", children=[make(XHB + "ID", "0203:c.se", schemeID="iso6523-actorid-upis")])])
    yield "second-party", "ToParty", placed(root, head, second, ())
    none = make(XHA + "ToParty", children=[make(XHA + "PartyIdentification", children=[make(XHB + "ID", "0203:c.se", schemeID="other")])])
    yield "second-party-other-scheme", "ToParty", placed(root, head, none, ())
    for party in ("FromParty", "ToParty"):
        path = head + "/" + XHA + party + "/" + XHA + "PartyIdentification/" + XHB + "ID"
        for scheme in ("iso6523-actorid-upis", " iso6523-actorid-upis ", "ISO6523-ACTORID-UPIS", "other", "", " "):
            changed = copy.deepcopy(root)
            changed.find(path).set("schemeID", scheme)
            yield "scheme", "%s.%s" % (party, scheme or "empty"), changed
        for name, value in (("schemeName", "n"), ("schemeURI", "u"), ("schemeAgencyID", "a"), ("schemeVersionID", "1"), ("schemeDataURI", "d"),
                            ("schemeAgencyName", "b"), ("listID", "l"), ("schemeName", "")):
            changed = copy.deepcopy(root)
            changed.find(path).set(name, value)
            yield "id-attribute", "%s.%s%s" % (party, name, "" if value else "-empty"), changed


def signatures(root):
    sig = root.find(DS + "Signature")
    yield "signatures", "two", placed(root, ".", sig, ())
    yield "signatures", "first", placed(without(root, ".", (DS + "Signature",)), ".", sig, ("XHEVersionID",))
    yield "signatures", "none", without(root, ".", (DS + "Signature",))
    for name, new in (("KeyName", make(DS + "KeyName", "k")), ("MgmtData", make(DS + "MgmtData", "k")),
                      ("RSAKeyValue", make(DS + "KeyValue", children=[make(DS + "RSAKeyValue", children=[make(DS + "Modulus", "AQAB"), make(DS + "Exponent", "AQAB")])])),
                      ("RSAKeyValue-bad", make(DS + "KeyValue", children=[make(DS + "RSAKeyValue", children=[make(DS + "Modulus", "*"), make(DS + "Exponent", "AQAB")])])),
                      ("DSAKeyValue", make(DS + "KeyValue", children=[make(DS + "DSAKeyValue", children=[make(DS + c, "AQAB") for c in "PQGY"])])),
                      ("DSAKeyValue-half", make(DS + "KeyValue", children=[make(DS + "DSAKeyValue", children=[make(DS + c, "AQAB") for c in "PGY"])])),
                      ("KeyValue-empty", make(DS + "KeyValue")), ("RetrievalMethod", make(DS + "RetrievalMethod", URI="#x")),
                      ("RetrievalMethod-child", make(DS + "RetrievalMethod", children=[make(DS + "KeyName", "x")])),
                      ("PGPData", make(DS + "PGPData", children=[make(DS + "PGPKeyID", "AQAB")])), ("PGPData-empty", make(DS + "PGPData")),
                      ("SPKIData", make(DS + "SPKIData", children=[make(DS + "SPKISexp", "AQAB")])),
                      ("IssuerSerial", make(DS + "X509Data", children=[make(DS + "X509IssuerSerial", children=[make(DS + "X509IssuerName", "CN=a"), make(DS + "X509SerialNumber", "12")])])),
                      ("IssuerSerial-hex", make(DS + "X509Data", children=[make(DS + "X509IssuerSerial", children=[make(DS + "X509IssuerName", "CN=a"), make(DS + "X509SerialNumber", "0c")])])),
                      ("SKI", make(DS + "X509Data", children=[make(DS + "X509SKI", "AQAB"), make(DS + "X509SubjectName", "CN=a")])),
                      ("X509Data-empty", make(DS + "X509Data")), ("own-unknown", make(DS + "Unknown")),
                      ("foreign", make("{urn:posthorn.example:more}key", "x")), ("no-namespace", make("key", "x"))):
        yield "key-info", name, placed(root, DS + "Signature/" + DS + "KeyInfo", new, ())
    for name, new in (("Object", make(DS + "Object", "text", Id="o1", MimeType="text/plain", Encoding="urn:x")),
                      ("Object-manifest", make(DS + "Object", children=[make(DS + "Manifest", children=[copy.deepcopy(sig.find(DS + "SignedInfo/" + DS + "Reference"))])])),
                      ("Object-manifest-empty", make(DS + "Object", children=[make(DS + "Manifest")])),
                      ("Object-properties", make(DS + "Object", children=[make(DS + "SignatureProperties", children=[make(DS + "SignatureProperty", Target="#a", children=[make("{urn:posthorn.example:more}t", "x")])])])),
                      ("Object-property-no-target", make(DS + "Object", children=[make(DS + "SignatureProperty", children=[make("{urn:posthorn.example:more}t", "x")])])),
                      ("Object-anything", make(DS + "Object", children=[make("{urn:posthorn.example:more}t", "x"), make("t", "x")]))):
        yield "signature-object", name, placed(root, DS + "Signature", new, ())
    for path, tag in (("CanonicalizationMethod", "{http://www.w3.org/2001/10/xml-exc-c14n#}InclusiveNamespaces"), ("CanonicalizationMethod", DS + "KeyName"),
                      ("SignatureMethod", DS + "HMACOutputLength"), ("SignatureMethod", "{urn:posthorn.example:more}t"),
                      ("Reference/" + DS + "DigestMethod", "{urn:posthorn.example:more}t"), ("Reference/" + DS + "Transforms/" + DS + "Transform", DS + "XPath"),
                      ("Reference/" + DS + "Transforms/" + DS + "Transform", DS + "Unknown"),
                      ("Reference/" + DS + "Transforms/" + DS + "Transform", "{urn:posthorn.example:more}t")):
        yield "method-child", path.split("}")[-1] + "." + etree.QName(tag).localname, placed(root, DS + "Signature/" + DS + "SignedInfo/" + DS + path, make(tag, "160"), ())
    same = copy.deepcopy(root)
    for e in same.find(DS + "Signature"):
        if etree.QName(e).localname in ("SignedInfo", "SignatureValue"):
            e.set("Id", "same")
    yield "ids", "same", same


def envelope_types(root, head, payload):
    core = "urn:un:unece:uncefact:data:specification:CoreComponentTypeSchemaModule:2"
    basic, types = XHB[1:-1], XHE + "UnqualifiedDataTypes"
    for name, path, uri in (("HeaderType", head, XHA[1:-1]), ("IDType", head + "/" + XHB + "ID", basic), ("UUIDType", head + "/" + XHB + "ID", basic),
                            ("IdentifierType", head + "/" + XHB + "ID", types), ("IdentifierType", head + "/" + XHB + "ID", core),
                            ("PartyType", head + "/" + XHA + "ToParty", XHA[1:-1]), ("PayloadContentType", payload + "/" + XHA + "PayloadContent", XHA[1:-1]),
                            ("SignatureType", DS + "Signature", DS[1:-1]), ("XHEType", ".", XHE + "ExchangeHeaderEnvelope")):
        yield "xsi-type", name, typed(root, path, "t", uri, name)


def crowded(data):
    """The envelope with everything that its XSD knows and the profile does not."""
    root = etree.fromstring(data)
    root.remove(root.find(DS + "Signature"))
    payload = root.find(XHA + "Payloads/" + XHA + "Payload")
    for n, name in enumerate(PAYLOAD[:-1]):
        if payload.find(XHB + name) is None:
            root = placed(root, XHA + "Payloads/" + XHA + "Payload", reference(name) if name.endswith("Reference") else make(XHB + name, "x"),
                          PAYLOAD[n + 1:])
    end = make(XHB + "AvailabilityEndDateTime", "2026-02-01T00:00:00Z")
    root = placed(root, XHA + "Header/" + XHA + "BusinessScope", reference("ExternalReference"), ())
    root.find(XHA + "Header/" + XHA + "BusinessScope/" + XHA + "ExternalReference")[1].addnext(end)
    root = placed(root, XHA + "Header", make(XHB + "UUID", "x"), ("CreationDateTime",))
    for name in ("ProfileID", "ProfileExecutionID"):
        root = placed(root, ".", make(XHB + name, "x"), ("Header",))
    code = root.find(XHA + "Payloads/" + XHA + "Payload/" + XHB + "ContentTypeCode")
    for name in ("listID", "listName", "listAgencyID", "listAgencyName", "listVersionID", "listURI", "listSchemeURI", "name", "languageID"):
        code.set(name, "sv")
    for name in ("languageID", "languageLocaleID"):
        root.find(XHA + "Payloads/" + XHA + "Payload/" + XHB + "Description").set(name, "sv")
    for name in ("schemeName", "schemeAgencyID", "schemeAgencyName", "schemeVersionID", "schemeDataURI", "schemeURI"):
        root.find(XHB + "CustomizationID").set(name, "x")
    fields = ("Name", "ExtensionAgencyID", "ExtensionAgencyName", "ExtensionVersionID", "ExtensionAgencyURI", "ExtensionURI", "ExtensionReasonCode",
              "ExtensionReason")
    inner = make(EXT + "ExtensionContent", children=[make("{urn:posthorn.example:more}thing", "x")])
    one = make(EXT + "XHEExtension", children=[make(XHB + "ID", "1")] + [make(EXT + n, "x") for n in fields] + [inner])
    return etree.tostring(placed(root, ".", make(EXT + "XHEExtensions", children=[one]), ("XHEVersionID",)), encoding="UTF-8", xml_declaration=True)


SIGNED = """<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:f="urn:posthorn.example:more" Id="s">
 <ds:SignedInfo Id="si"><ds:CanonicalizationMethod Algorithm="urn:c14n">x</ds:CanonicalizationMethod>
  <ds:SignatureMethod Algorithm="urn:rsa">x<ds:HMACOutputLength>160</ds:HMACOutputLength></ds:SignatureMethod>
  <ds:Reference Id="r" URI="" Type="urn:type">
   <ds:Transforms><ds:Transform Algorithm="urn:a">x<ds:XPath>/a</ds:XPath><f:t/></ds:Transform><ds:Transform Algorithm="urn:b"/></ds:Transforms>
   <ds:DigestMethod Algorithm="urn:d">x<f:t/><f:u/></ds:DigestMethod><ds:DigestValue>QUJD</ds:DigestValue></ds:Reference></ds:SignedInfo>
 <ds:SignatureValue Id="sv">QUJD</ds:SignatureValue>
 <ds:KeyInfo Id="ki">x<ds:KeyName>k</ds:KeyName><ds:MgmtData>m</ds:MgmtData>
  <ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>
  <ds:KeyValue>x<ds:DSAKeyValue><ds:P>AQAB</ds:P><ds:Q>AQAB</ds:Q><ds:G>AQAB</ds:G><ds:Y>AQAB</ds:Y><ds:J>AQAB</ds:J><ds:Seed>AQAB</ds:Seed>
   <ds:PgenCounter>AQAB</ds:PgenCounter></ds:DSAKeyValue></ds:KeyValue>
  <ds:KeyValue><ds:DSAKeyValue><ds:Y>AQAB</ds:Y></ds:DSAKeyValue></ds:KeyValue>
  <ds:KeyValue><f:key/></ds:KeyValue>
  <ds:RetrievalMethod URI="#a" Type="urn:t"><ds:Transforms><ds:Transform Algorithm="urn:a"/></ds:Transforms></ds:RetrievalMethod>
  <ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>CN=a</ds:X509IssuerName><ds:X509SerialNumber>12</ds:X509SerialNumber></ds:X509IssuerSerial>
   <ds:X509SKI>QUJD</ds:X509SKI><ds:X509SubjectName>CN=b</ds:X509SubjectName><ds:X509Certificate>QUJD</ds:X509Certificate><ds:X509CRL>QUJD</ds:X509CRL>
   <f:more/></ds:X509Data>
  <ds:PGPData><ds:PGPKeyID>QUJD</ds:PGPKeyID><ds:PGPKeyPacket>QUJD</ds:PGPKeyPacket><f:a/><f:b/></ds:PGPData>
  <ds:PGPData><ds:PGPKeyPacket>QUJD</ds:PGPKeyPacket><f:a/><f:b/></ds:PGPData>
  <ds:SPKIData><ds:SPKISexp>QUJD</ds:SPKISexp><f:a/><ds:SPKISexp>QUJD</ds:SPKISexp></ds:SPKIData><f:key/></ds:KeyInfo>
 <ds:Object Id="o" MimeType="text/plain" Encoding="urn:x">x<ds:Manifest Id="m"><ds:Reference><ds:DigestMethod Algorithm="urn:d"/>
  <ds:DigestValue>QUJD</ds:DigestValue></ds:Reference></ds:Manifest><f:a/></ds:Object>
 <ds:Object><ds:SignatureProperties Id="ps"><ds:SignatureProperty Target="#a" Id="p">x<f:a/></ds:SignatureProperty></ds:SignatureProperties></ds:Object>
</ds:Signature>"""


def signed(data):
    """The envelope with a signature that has everything a signature may have."""
    root = etree.fromstring(data)
    root.replace(root.find(DS + "Signature"), etree.fromstring(SIGNED))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


# ---- receipts -----------------------------------------------------------------------------------

def receipt(base, root):
    response = CAC + "DocumentResponse/" + CAC + "Response"
    line = CAC + "DocumentResponse/" + CAC + "LineResponse"
    status = make(CAC + "Status", children=[make(CBC + "StatusReason", "x")])
    yield "in-its-place", "Response.Status", placed(root, response, status, ())
    for path, name in ((".", "CustomizationID"), (".", "ProfileID"), (".", "ID"), (CAC + "DocumentResponse/" + CAC + "DocumentReference", "ID"),
                       (line + "/" + CAC + "LineReference", "LineID"), (response, "ResponseCode"), (CAC + "SenderParty", "EndpointID"),
                       (CAC + "ReceiverParty", "EndpointID")):
        for key, value in (("schemeID", "x"), ("schemeID", ""), ("schemeName", "x"), ("listID", "x"), ("languageID", "sv")):
            changed = copy.deepcopy(root)
            e = changed.find(CBC + name if path == "." else path + "/" + CBC + name)
            if e is not None:
                e.set(key, value)
                yield "attribute-" + key, "%s.%s%s" % (path.split("}")[-1], name, "" if value else "-empty"), changed
    for name in ("UBLVersionID", "UUID", "VersionID", "ProfileExecutionID", "Note", "ResponseDate", "ResponseTime"):
        yield "forbidden", name, placed(root, ".", make(CBC + name, "x"), ("ID",))
    for name in ("Signature", "IssuerParty"):
        yield "forbidden", name, placed(root, ".", make(CAC + name), ("SenderParty",))
    for code in ("ACCEPTED", "REJECTED", " ACCEPTED ", " REJECTED "):
        for lines in (True, False):
            changed = copy.deepcopy(root)
            changed.find(response + "/" + CBC + "ResponseCode").text = code
            for e in [] if lines else changed.findall(line):
                e.getparent().remove(e)
            yield "code-and-lines", "%s.%s" % (code.replace(" ", "_"), "as-they-are" if lines else "none"), changed
    if base == "rejected":
        cbc, cac = CBC[1:-1], CAC[1:-1]
        for name, path, uri in (("PartyType", CAC + "SenderParty", cac), ("IDType", CBC + "ID", cbc), ("IdentifierType", CBC + "ID", UDT),
                                ("ProfileIDType", CBC + "ID", cbc), ("TimeType", CBC + "IssueTime", UDT), ("IssueTimeType", CBC + "IssueTime", cbc),
                                ("ResponseType", response, cac)):
            yield "xsi-type", name, typed(root, path, "t", uri, name)
