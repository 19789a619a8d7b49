#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""phase4 and our access point, both ways over mutual TLS, and every bad answer it can give (issue line 6.2)."""
import os
import sys

import live
import live_cases
import live_peers


def retried(score, world, peer, fault, word, end="transferred"):
    """One bad answer, then good ones: the next attempt is the same message, and it ends well."""
    name = "phase4 answers badly (%s)" % ", ".join(str(v) for v in fault.values())
    peer.receiver.say(**fault)
    peer.receiver.await_line(lambda line: line.get("event") == "control")
    message = live.our_letter(world.kommun, os.urandom(2000))
    score.attempt(name + ": the reason is kept (%s)" % word, live.await_event, world.kommun, message, word)
    seen = score.attempt(name + ": ends in " + end, world.kommun.await_status, message, end)
    words = [event for event, _ in live.events(world.kommun, message)]
    again = words.count("sealed") + words.count("retry") > 1 or "drop" in fault.values()  # there the client tried again
    score.claim(name + ": by another attempt", seen is not None and (end == "refused" or again), words)


def bad_answers(score, world, peer):
    retried(score, world, peer, {"answer": "http", "status": 503}, "503")
    retried(score, world, peer, {"answer": "error", "code": "EBMS:0202"}, "EBMS:0202")
    retried(score, world, peer, {"answer": "drop"}, "taken as arrived")
    retried(score, world, peer, {"answer": "empty"}, "without a receipt")
    retried(score, world, peer, {"answer": "empty"}, "taken as arrived")
    retried(score, world, peer, {"answer": "damage", "mark": "SignatureValue>"}, "does not fit")
    retried(score, world, peer, {"answer": "damage", "mark": 'URI="cid:'}, "does not match")
    retried(score, world, peer, {"answer": "error", "code": "EBMS:0103"}, "EBMS:0103", "refused")
    late(score, world, peer)
    stopped(score, world, peer)
    stranger(score, world, peer)


def late(score, world, peer):
    """An answer that takes its time is waited for, not pushed again."""
    peer.receiver.say(delayMs=3000)
    peer.receiver.await_line(lambda line: line.get("event") == "control")
    message = live.our_letter(world.kommun, os.urandom(2000))
    score.attempt("phase4 answers late: transferred", world.kommun.await_status, message, "transferred")
    pushes = [e for e in live.events(world.kommun, message) if e[0] == "answered"]
    score.claim("phase4 answers late: pushed once", len(pushes) == 1, live.events(world.kommun, message))


def stopped(score, world, peer):
    """Nobody listens: tried again until somebody does."""
    peer.receiver.stop()
    message = live.our_letter(world.kommun, os.urandom(2000))
    score.attempt("phase4 is away: tried again", live.await_event, world.kommun, message, "retry")
    peer.receiver = peer.receive("bst", world.port)
    score.attempt("phase4 is back: transferred", world.kommun.await_status, message, "transferred", 60)


def stranger(score, world, peer):
    """A receipt that is good but signed by another access point than the SMP names is no receipt."""
    messages = []
    for key, word in (("kommun/ap.p12", "by another certificate than the directory names"),
                      ("bad/ap-unknown-ca.p12", "is not trusted")):
        peer.receiver.stop()
        peer.receiver = peer.receive("bst", world.port, key)
        message = live.our_letter(world.kommun, os.urandom(2000))
        name = "phase4 signs its receipt with " + key
        seen = score.attempt(name + ": not believed", live.await_event, world.kommun, message, word)
        if seen:  # then the same stranger says that it has the message already
            seen = score.attempt(name + ": no duplicate either", live.await_event, world.kommun, message, word, 30, 2)
        messages.append(message)
        score.claim(name + ": not transferred", seen and world.kommun.status(message)["status"] != "transferred",
                    live.events(world.kommun, message))
    peer.receiver.stop()
    peer.receiver = peer.receive("bst", world.port)
    for message in messages:
        score.attempt("phase4 signs as it should again: transferred", world.kommun.await_status, message, "transferred",
                      60)


def otherwise(score, world, peer):
    """What is sent otherwise than the federation agreed on gets an error and no receipt."""
    for options, code in (({"encrypt": False}, "EBMS:0103"), ({"fromParty": "AP0009-OPEN-TEST"}, "EBMS:0101"),
                          ({"toParty": "AP0009-OPEN-TEST"}, "EBMS:0001")):
        name = "phase4 sends otherwise than agreed (%s)" % ", ".join(options)
        letter = live.Letter(world, world.scratch, size=3000)
        told = score.attempt(name + ": sent", lambda: peer.send([letter.path], **options))
        score.claim(name + ": refused", told is not None and not told.taken and told.code == code, told)


live_peers.Phase4.cases = [otherwise, bad_answers]
sys.exit(live_cases.run(live_peers.Phase4))
