# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""Reads a rules file (schemas/README.md, "Rules") and evaluates it with XPath 1.0.

A second reader of the same format, so that a rule that is wrong and a loader that is wrong are not
one and the same fault. matches() is the C library's regcomp, as in the programs.
"""
import ctypes

from lxml import etree

KEYS = ("origin", "when", "code", "context", "test", "text")
EXTENDED, NOSUB = 1, 8
LIBC = ctypes.CDLL(None)


class Regex:
    """A POSIX extended regular expression. regex_t is 64 octets in glibc; there is room for more."""

    def __init__(self, pattern):
        self.compiled = ctypes.create_string_buffer(512)
        if LIBC.regcomp(self.compiled, pattern.encode(), EXTENDED | NOSUB) != 0:
            raise ValueError("regcomp refuses " + pattern)

    def found(self, text):
        return LIBC.regexec(self.compiled, text.encode(), 0, None, 0) == 0


REGEXES = {}


def matches(_context, value, pattern):
    if isinstance(value, list):
        value = "".join(value[0].itertext()) if value and hasattr(value[0], "itertext") else str(value[0]) if value else ""
    if pattern not in REGEXES:
        REGEXES[pattern] = Regex(pattern)
    return REGEXES[pattern].found(value)


def read(path):
    """(prefixes, [rule as a dictionary])."""
    pairs = []
    for number, line in enumerate(open(path, encoding="utf-8").read().split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line[0] in " \t":
            pairs[-1][1] += " " + line.strip()
        else:
            key, _, value = line.partition(" ")
            pairs.append([key, value.strip(), number])
    if not pairs or pairs[0][:2] != ["format", "posthorn-rules-1"]:
        raise ValueError(path + ": is no rules file")
    prefixes, rules = {}, []
    for key, value, number in pairs[1:]:
        if key == "prefix":
            prefixes.update([value.split()])
        elif key == "rule":
            rules.append({"rule": value})
        elif key in KEYS and key not in rules[-1]:
            rules[-1][key] = value
        else:
            raise ValueError("%s:%d: %s is unknown or stands here twice" % (path, number, key))
    for rule in rules:
        missing = [k for k in KEYS if k not in rule and k != "when"]
        if missing or rule.get("when", "send") != "send" or rule["origin"] not in ("digg", "posthorn"):
            raise ValueError("%s: rule %s: missing or wrong: %s" % (path, rule["rule"], missing))
    return prefixes, rules


class Rules:
    """The rules of one file, compiled."""

    def __init__(self, path):
        prefixes, rules = read(path)
        functions = {(None, "matches"): matches}
        self.rules = [(rule, etree.XPath(rule["context"], namespaces=prefixes, extensions=functions),
                       etree.XPath("boolean(%s)" % rule["test"], namespaces=prefixes, extensions=functions))
                      for rule in rules if "when" not in rule]

    def findings(self, tree):
        return [rule["rule"] for rule, context, test in self.rules for node in context(tree)
                if not (test(node) if hasattr(node, "iter") else test_attribute(rule, test, node))]


def test_attribute(rule, test, node):
    """lxml gives an attribute as text; its test can be asked of the element that carries it."""
    if rule["test"] == "false()":
        return False
    if rule["test"].startswith("parent::") and " or parent::" in rule["test"]:
        return etree.QName(node.getparent()).namespace in ("http://www.w3.org/2000/09/xmldsig#", "http://www.w3.org/2001/04/xmlenc#")
    raise ValueError("rule %s: a test at an attribute that this reader cannot ask" % rule["rule"])
