# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""What is asked of every foreign access point, in both directions over mutual TLS (issue lines 6.2 and 6.3)."""
import os
import shutil
import subprocess
import time

import live

TEXT = "Hej, se bilagan \u00e5\u00e4\u00f6"


def send_one(world, data, wanted="transferred"):
    message = live.our_letter(world.kommun, data, TEXT)
    world.kommun.await_status(message, wanted, 60)
    return message


def await_ours(peer, message, action=live.MESSAGE):
    """Earlier ones that were tried again may come between."""
    while True:
        got = peer.accepted(action)
        if live.holds(got, message):
            return got


def ours_to_theirs(score, world, peer, style):
    """Our message is taken, our payload is what we sent, their receipt is verified by us."""
    name = "%s, ours to theirs, %s" % (peer.name, style)
    data = os.urandom(150000)
    message = score.attempt(name + ": transferred", send_one, world, data)
    if message is None:
        return None
    got = score.attempt(name + ": taken by the peer", await_ours, peer, message)
    if got is None:
        return None
    score.claim(name + ": one payload", len(got.payloads) == 1, got.payloads)
    live.judge_envelope(score, name, world, got.payloads[0], data, TEXT, world.scratch)
    wanted = peer.tokens_of(style)
    if wanted is not None:
        score.claim(name + ": the tokens are of that style", got.more["tokens"] == wanted, got.more["tokens"])
    seen = live.events(world.kommun, message)
    if style == "pkipath":
        score.claim(name + ": the token is a path", b"#X509PKIPathv1" in open(got.raw, "rb").read())
    score.claim(name + ": pushed once", len([e for e in seen if e[0] == "answered"]) == 1, seen)
    return got


def theirs_to_ours(score, world, peer, style):
    """Their message is taken and delivered, our AS4 receipt holds there, our message receipt arrives there."""
    name = "%s, theirs to ours, %s" % (peer.name, style)
    letter = live.Letter(world, world.scratch)
    told = score.attempt(name + ": sent", lambda: peer.send([letter.path]))
    if told is None or not score.claim(name + ": our receipt holds there", told.taken, told):
        return
    found = score.attempt(name + ": in our inbox", live.await_inbox, world.kommun, letter.id)
    if found:
        score.claim(name + ": once", len(found) == 1, found)
        texts, files = score.attempt(name + ": can be read", live.read_letter, world.kommun, found[0]) or ([], [])
        score.claim(name + ": the text is theirs", texts == [letter.text], texts)
        score.claim(name + ": the attachment is theirs", files == [letter.attachment], [len(f) for f in files])
        receipt = score.attempt(name + ": our message receipt goes out", peer.accepted, live.RECEIPT)
        if receipt:
            live.judge_receipt(score, name, world, receipt.payloads[0], letter.id, world.scratch)


def receipts(score, world, peer):
    """Their message receipt about ours is correlated: the sender sees it."""
    for accepted, state in ((True, "delivered"), (False, "refused")):
        name = "%s carries a message receipt (%s)" % (peer.name, state)
        message = score.attempt(name + ": ours is transferred", send_one, world, os.urandom(3000))
        if message is None:
            continue
        score.attempt(name + ": ours is taken", await_ours, peer, message)
        path = live.their_receipt(world, world.scratch, message, accepted)
        told = score.attempt(name + ": sent", lambda: peer.send([path], document=live.RECEIPT))
        score.claim(name + ": our AS4 receipt holds there", told is not None and told.taken, told)
        found = score.attempt(name + ": correlated", world.kommun.await_status, message, state)
        if found and not accepted:
            score.claim(name + ": the reason is theirs", "SIG" in str(found) or "Signatur" in str(found), found)
        if found and accepted:
            path = live.their_receipt(world, world.scratch, message, False)
            ignored(score, world, peer, message, path, "was taken before")


def await_ignored(kommun, message, why, seconds=20):
    end = time.monotonic() + seconds
    while not [line for line in kommun.log_lines("sdk.receipt_ignored")
               if line["reference"] == message and why in line["why"]]:
        assert time.monotonic() < end, (kommun.log_lines("sdk.receipt_ignored"), kommun.status(message))
        time.sleep(0.2)


def ignored(score, world, peer, message, path, why, **options):
    """A message receipt that changes nothing: its sender has our AS4 receipt, ours stays as it is."""
    name = "%s carries a message receipt that is none (%s)" % (peer.name, why)
    before = world.kommun.status(message)["status"]
    told = score.attempt(name + ": sent", lambda: peer.send([path], document=live.RECEIPT, **options))
    score.claim(name + ": our AS4 receipt holds there", told is not None and told.taken, told)
    score.attempt(name + ": ignored", await_ignored, world.kommun, message, why)
    after = world.kommun.status(message)["status"]
    score.claim(name + ": ours stays " + before, after == before, after)


def false_receipts(score, world, peer):
    """What another organisation says of our message counts for nothing, in whose name ever it is said."""
    message = score.attempt(peer.name + ", before false receipts: transferred", send_one, world, os.urandom(3000))
    if message is None:
        return
    score.attempt(peer.name + ", before false receipts: taken", await_ours, peer, message)
    for sender, why in ((live.OUR_ID, "from another organisation"), (live.THEIR_ID, "not its envelope's")):
        path = live.their_receipt(world, world.scratch, message, True, sender, ("kommun", live.OUR_ID))
        ignored(score, world, peer, message, path, why, originalSender=live.OUR_ID)


def repeated(score, world, peer):
    name = peer.name + ", a repeated one"
    letter = live.Letter(world, world.scratch)
    told = score.attempt(name + ": sent", lambda: peer.send([letter.path], repeat=3))
    if told is None or not score.claim(name + ": our receipt holds there", told.taken, told):
        return
    score.claim(name + ": three answers", len(told.more["repeats"]) == 2, told)
    score.claim(name + ": the same receipt, octet by octet", peer.same_receipt(told), told)
    score.attempt(name + ": delivered", live.await_inbox, world.kommun, letter.id)
    score.attempt(name + ": one message receipt", peer.accepted, live.RECEIPT)
    time.sleep(1)
    found = [m for m in world.kommun.inbox() if m["messageId"] == letter.id]
    score.claim(name + ": delivered once", len(found) == 1, found)
    # The same id around something else is no repetition.
    other = live.Letter(world, world.scratch)
    forged = peer.send([other.path], messageId=told.more["message_id"])
    score.claim(name + ": another message under its id is refused", not forged.taken and forged.code == "EBMS:0003",
                forged)


def ping(score, world, peer):
    name = peer.name + ", ping"
    before = len(world.kommun.inbox())
    told = score.attempt(name + ": sent", lambda: peer.send([], ping=True))
    if told is not None:
        score.claim(name + ": our receipt holds there", told.taken, told)
        score.claim(name + ": nothing is delivered", len(world.kommun.inbox()) == before)
    done = subprocess.run([live.BUILD + "/bin/posthorn", "ping", "--json", "0203:myndighet.example", world.kommun.folder],
                          capture_output=True, text=True, timeout=60)
    score.claim(name + " of ours: their receipt holds here", done.returncode == 0, done.stdout + done.stderr)


def several(score, world, peer):
    """SDK has one payload a message (spec/sdk.md 2.2): more are refused with a code, none is delivered."""
    name = peer.name + ", several payloads"
    letters = [live.Letter(world, world.scratch) for _ in range(3)]
    told = score.attempt(name + ": sent", lambda: peer.send([one.path for one in letters]))
    if told is not None:
        score.claim(name + ": refused as SDK demands", not told.taken and told.code in ("EBMS:0003", "EBMS:0010"), told)
        time.sleep(0.5)
        ids = [m["messageId"] for m in world.kommun.inbox()]
        score.claim(name + ": none delivered", not set(ids) & {one.id for one in letters}, ids)


def open_files(kommun):
    """That hold octets of messages: in accesspoint-work, which may be looked at by root alone."""
    folder = "/proc/%d/fd" % kommun.pids()["accesspoint-work"]
    try:
        found = [os.readlink(os.path.join(folder, fd)) for fd in os.listdir(folder)]
    except OSError:
        return []
    return sorted(f for f in found if f.endswith("(deleted)") or "/temp/" in f or "/payload" in f)


def mismatched(score, world, peer):
    """A header that says other than the envelope inside it is not serviced (spec/sdk.md 2.4), and nothing of it stays."""
    other, before = "0203:annan.example", open_files(world.kommun)
    for to, options, why in ((live.OUR_ID, {"originalSender": other}, b"originalSender is not"),
                             (other, {}, b"finalRecipient is not"),
                             (live.OUR_ID, {"document": live.RECEIPT}, b"Action is not"),
                             (other, {"finalRecipient": other}, b"finalRecipient has no services"),
                             (live.OUR_ID, {"service": "annan"}, b"no such process")):
        name = "%s, theirs says other than its envelope (%s)" % (peer.name, why.decode())
        letter = live.Letter(world, world.scratch, size=1500000, to=to)
        told = score.attempt(name + ": sent", lambda: peer.send([letter.path], **options))
        if told is not None:
            score.claim(name + ": no receipt", not told.taken and told.code == "EBMS:0004", told)
            answer = live.split_http(told.answer)[1] if told.answer else b""
            score.claim(name + ": not serviced", b"NOT_SERVICED: " + why in answer, answer)
    end = time.monotonic() + 5
    while open_files(world.kommun) != before and time.monotonic() < end:
        time.sleep(0.2)
    after = open_files(world.kommun)
    score.claim(peer.name + ", theirs says other than its envelope: nothing stays open", after == before, after)


def unencrypted(score, world, peer):
    """A message that is signed but can be read by everybody is refused by our message receipt."""
    name = peer.name + ", theirs not encrypted"
    letter = live.Letter(world, world.scratch, size=3000, is_encrypted=False)
    told = score.attempt(name + ": sent", lambda: peer.send([letter.path]))
    score.claim(name + ": our AS4 receipt holds there", told is not None and told.taken, told)
    got = score.attempt(name + ": our message receipt goes out", await_ours, peer, letter.id, live.RECEIPT)
    if got is not None:
        text = open(got.payloads[0]).read()
        score.claim(name + ": it refuses", all(word in text for word in (">REJECTED<", ">SIG<", ">security<")), text)
    score.claim(name + ": not delivered", letter.id not in [m["messageId"] for m in world.kommun.inbox()])


def theirs_tampered(score, world, peer):
    """Every damage the peer can do to its own message is refused by us, with a code."""
    before = len(world.kommun.inbox())
    for tamper in peer.tampers:
        name = "%s, theirs tampered with (%s)" % (peer.name, tamper)
        letter = live.Letter(world, world.scratch, size=3000)
        told = score.attempt(name + ": sent", lambda: peer.send([letter.path], tamper=tamper))
        if told is not None:
            score.claim(name + ": no receipt", not told.taken, told)
            codes = live.error_codes(live.split_http(told.answer)[1]) if told.answer else []
            score.claim(name + ": refused for its security",
                        bool(codes) and codes[0] in (b"EBMS:0101", b"EBMS:0102", b"EBMS:0103"), (codes, str(told)))
    score.claim(peer.name + ", theirs tampered with: none delivered", len(world.kommun.inbox()) == before)
    for change in peer.harmless:
        name = "%s, theirs made otherwise (%s)" % (peer.name, change)
        letter = live.Letter(world, world.scratch, size=3000)
        told = score.attempt(name + ": sent", lambda: peer.send([letter.path], tamper=change))
        score.claim(name + ": taken", told is not None and told.taken, told)
        score.attempt(name + ": delivered", live.await_inbox, world.kommun, letter.id)
        score.attempt(name + ": our message receipt goes out", peer.accepted, live.RECEIPT)


def flip(body):
    """(what, body) for a changed octet of the ciphertext, of the header, of the signature value."""
    yield "ciphertext", body[:-400] + bytes([body[-400] ^ 1]) + body[-399:]
    at = body.index(b"ConversationId>") + len(b"ConversationId>") + 3
    yield "header", body[:at] + (b"7" if body[at:at + 1] != b"7" else b"8") + body[at + 1:]
    at = body.index(b"SignatureValue>") + len(b"SignatureValue>") + 5
    yield "signature", body[:at] + (b"A" if body[at:at + 1] != b"A" else b"B") + body[at + 1:]


def ours_tampered(score, world, peer, got):
    """Our octets, changed on the way, before a receiver that has not seen them; then the true ones."""
    content_type, body = live.split_http(got.raw)
    receiver = peer.receive("bst")
    try:
        for what, changed in flip(body):
            name = "%s, ours tampered with (%s)" % (peer.name, what)
            status, answer, _ = live.post(receiver.url, changed, content_type, world.tls("kommun"))
            codes = live.error_codes(answer)
            score.claim(name + ": refused by the peer", bool(codes), (status, answer[:600]))
        status, answer, _ = live.post(receiver.url, body, content_type, world.tls("kommun"))
        score.claim(peer.name + ", ours untouched: taken by the same peer",
                    status == 200 and b"NonRepudiationInformation" in answer, (status, answer[:600]))
        status, again, _ = live.post(receiver.url, body, content_type, world.tls("kommun"))
        score.claim(peer.name + ", ours repeated: not taken twice", peer.knows_it(answer, again), (status, again[:600]))
    finally:
        receiver.stop()


def run(peer_class):
    scratch = live.scratch_folder(peer_class.name)
    score = live.Score()
    world, peer = live.World(scratch), None
    try:
        peer = peer_class(world)
        for style in live.STYLES:
            world.start(style)
            peer.start(style)
            world.publish_peer(peer.receiver.url)
            got = ours_to_theirs(score, world, peer, style)
            theirs_to_ours(score, world, peer, style)
            if style == "bst":
                ping(score, world, peer)
                several(score, world, peer)
                receipts(score, world, peer)
                false_receipts(score, world, peer)
                mismatched(score, world, peer)
                unencrypted(score, world, peer)
                repeated(score, world, peer)
                theirs_tampered(score, world, peer)
                if got is not None:
                    ours_tampered(score, world, peer, got)
                for case in peer_class.cases:
                    case(score, world, peer)
    finally:
        if peer is not None:
            peer.stop()
        world.stop()
    status = score.end(peer_class.name)
    if status == 0 and not os.environ.get("POSTHORN_KEEP"):
        shutil.rmtree(scratch)
    else:
        print("left for a look:", scratch)
    return status


