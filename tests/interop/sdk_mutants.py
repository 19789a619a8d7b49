#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""Do our checkers say the same as the official XSD and Schematron, of the official files and of mutants?

usage: sdk_mutants.py [--keep DIR] [--cache DIR] [--kind KIND]... POSTHORN
       sdk_mutants.py --xsd-only | --rules-only [--keep DIR] [--cache DIR] [--kind KIND]...

With POSTHORN, the path of the program, its verdicts are compared with the judge's. --xsd-only compares
our XSDs with the official ones, --rules-only our XSDs and rules with the judge: neither needs a build.
A difference that is wanted is a row of sdk_differences.tsv; a row that no document needs is a fault too.
Last line 'N passed, N failed'; exit status 0, 1 on a fault, 77 when a tool or the official files are missing.
"""
import argparse
import fnmatch
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.join(HERE, "..", "..")
SHARED = os.environ.get("POSTHORN_SHARED") or os.path.join(TOP, "..", "shared")
DATA = os.path.join(SHARED, "data", "sdk")
JUDGE = os.path.join(SHARED, "tools", "judge-sdk")
SCHEMAS = os.environ.get("POSTHORN_SCHEMA_DIR") or os.path.join(TOP, "schemas")
KINDS = {
    "message": ("sdk", "sdk-message-3", "message/schema/infrastructure_messaging_MessageWithAttachments_3.0.xsd"),
    "xhe": ("xhe", "xhe-1.0", "xhe/schema/XHE-1.0.xsd"),
    "receipt": ("receipt", "receipt-2.1", "receipt/schema/Response-2.1.xsd"),
}
LEAST = 300  # mutants of each kind


def skip(why):
    print("skipped: " + why)
    sys.exit(77)


def need_tools(judge):
    if not os.path.isdir(DATA):
        skip("the official files are not at " + os.path.normpath(DATA))
    try:
        import lxml.etree  # noqa: F401
    except ImportError:
        skip("python3-lxml is not installed for " + sys.executable)
    for tool in ("java", "xsltproc", "xmllint") if judge else ():
        if not shutil.which(tool):
            skip(tool + " is not installed")
    if judge and not os.path.exists("/usr/share/java/Saxon-HE.jar"):
        skip("libsaxonhe-java is not installed")


def official_files():
    paths = sorted(glob.glob(os.path.join(DATA, "*", "examples", "*.xml")) + glob.glob(os.path.join(DATA, "*", "testdata", "*.xml")))
    return {os.path.relpath(p, DATA): open(p, "rb").read() for p in paths}


def write_documents(kind, folder, thin):
    """All documents of a kind as FOLDER/NAME.xml; returns the names."""
    import sdk_mutate
    files = official_files()
    documents = [("official~" + re.sub(r"[^\w.-]", "_", p[:-4]), data) for p, data in files.items()]
    made = sdk_mutate.mutants(kind, files, thin)
    if len(made) < LEAST:
        print("FAIL %s: only %d mutants" % (kind, len(made)))
        sys.exit(1)
    os.makedirs(folder, exist_ok=True)
    for name, data in documents + made:
        with open(os.path.join(folder, name + ".xml"), "wb") as f:
            f.write(data)
    return [name for name, _ in documents + made]


# ---- who says what: name -> (accepted, why) ---------------------------------------------------------

def well_formed(folder, name):
    from lxml import etree
    try:
        etree.parse(os.path.join(folder, name + ".xml"), etree.XMLParser(no_network=True, resolve_entities=False))
        return True
    except etree.XMLSyntaxError:
        return False


def start_judge(kind, folder, names, cache):
    """Begins to ask; the answer is to be had from finish_judge. The judges of all kinds run at once.

    What is not XML is not handed over: the judge refuses it, but cannot print what xmllint says of broken UTF-8.
    """
    digest = hashlib.sha256()
    for path in [JUDGE] + sorted(glob.glob(os.path.join(DATA, kind, "sch*", "**", "*.*"), recursive=True)) + \
            [os.path.join(folder, n + ".xml") for n in names]:
        digest.update(os.path.basename(path).encode() + b"\0" + open(path, "rb").read())
    kept = cache and os.path.join(cache, "%s-%s.json" % (kind, digest.hexdigest()[:24]))
    if kept and os.path.exists(kept):
        return {"verdicts": json.load(open(kept))}
    verdicts = {n: (False, "xml not well-formed") for n in names if not well_formed(folder, n)}
    paths = [os.path.join(folder, n + ".xml") for n in names if n not in verdicts]
    out = open(os.path.join(folder, "judge.out"), "w+", errors="replace")
    run = subprocess.Popen([JUDGE, kind] + paths, stdout=out, stderr=subprocess.STDOUT)
    return {"verdicts": verdicts, "run": run, "out": out, "all": len(names), "kept": kept}


def finish_judge(asked):
    verdicts = asked["verdicts"]
    if "run" not in asked:
        return verdicts
    status = asked["run"].wait()
    asked["out"].seek(0)
    text = asked["out"].read()
    asked["out"].close()
    if status == 2:
        skip("the judge cannot run: " + text.strip()[:300])
    if status not in (0, 1) or "Traceback" in text:
        print("FAIL the judge broke down: " + text.strip()[-300:])
        sys.exit(1)
    for line in text.split("\n"):
        if "\t" in line:
            path, rest = line.split("\t", 1)
            name = os.path.basename(path)[:-4]
            if rest == "ok":
                verdicts[name] = (True, "")
            elif name not in verdicts:
                verdicts[name] = (False, rest.replace("\t", " "))
    if asked["kept"] and len(verdicts) == asked["all"]:
        os.makedirs(os.path.dirname(asked["kept"]), exist_ok=True)
        with open(asked["kept"] + ".new", "w") as f:
            json.dump(verdicts, f)
        os.rename(asked["kept"] + ".new", asked["kept"])
    return verdicts


def official_xsd(kind, work):
    """The official XSD; the receipt's imports name files that are called otherwise (spec/sdk.md 5.1)."""
    source = os.path.join(DATA, KINDS[kind][2])
    if kind != "receipt":
        return source
    folder = os.path.join(work, "receipt-xsd")
    os.makedirs(folder)
    for path in glob.glob(os.path.join(os.path.dirname(source), "*.xsd")):
        text = open(path, encoding="utf-8-sig").read()
        with open(os.path.join(folder, os.path.basename(path)), "w", encoding="utf-8") as f:
            f.write(re.sub(r'schemaLocation="DIGG(?:%20| )UBL-Application', 'schemaLocation="', text))
    return os.path.join(folder, os.path.basename(source))


def ask_xsd(path, folder, names):
    from lxml import etree
    schema = etree.XMLSchema(etree.parse(path))
    verdicts = {}
    for name in names:
        try:
            tree = etree.parse(os.path.join(folder, name + ".xml"), etree.XMLParser(no_network=True, resolve_entities=False))
        except etree.XMLSyntaxError as e:
            verdicts[name] = (False, "xml " + str(e))
            continue
        try:
            good = schema.validate(tree)
        except etree.XMLSchemaValidateError:  # an entity reference in the tree
            verdicts[name] = (False, "xsd cannot be asked")
            continue
        verdicts[name] = (good, "" if good else "xsd " + schema.error_log[0].message)
    return verdicts


def ask_rules(kind, folder, names):
    from lxml import etree
    import sdk_rules
    verdicts = ask_xsd(os.path.join(SCHEMAS, KINDS[kind][1] + ".xsd"), folder, names)
    rules = sdk_rules.Rules(os.path.join(SCHEMAS, KINDS[kind][1] + ".rules"))
    for name in names:
        if verdicts[name][0]:
            tree = etree.parse(os.path.join(folder, name + ".xml"), etree.XMLParser(no_network=True))
            broken = rules.findings(tree)
            verdicts[name] = (not broken, "rule " + " ".join(broken) if broken else "")
    return verdicts


def ask_posthorn(program, kind, folder, names):
    """Also holds the program to its own interface: one line a file, in order, findings with every refusal."""
    verdicts, faults = {}, []
    for start in range(0, len(names), 400):
        part = names[start:start + 400]
        paths = [os.path.join(folder, n + ".xml") for n in part]
        run = subprocess.run([program, KINDS[kind][0], "validate", "--json"] + paths, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             errors="replace", text=True)
        lines = [json.loads(line) for line in run.stdout.split("\n") if line]
        if [line.get("file") for line in lines] != paths:
            faults.append("%s validate does not print one line for each file, in order: %s" % (KINDS[kind][0], run.stderr.strip()[:300]))
            continue
        refused = [line for line in lines if line["verdict"] != "accept"]
        if run.returncode != (1 if refused else 0):
            faults.append("%s validate ends with %d, %d of %d refused" % (KINDS[kind][0], run.returncode, len(refused), len(lines)))
        for name, line in zip(part, lines):
            why = "%s %s" % (line.get("code"), line.get("why"))
            verdicts[name] = (line["verdict"] == "accept", why)
            if line["verdict"] == "refuse" and not (line.get("code") and line.get("why") and line.get("findings")):
                faults.append("%s: refused without a code, a why or a finding" % name)
    return verdicts, faults


# ---- comparing -----------------------------------------------------------------------------------

def read_differences(kind, layers):
    rows = []
    for number, line in enumerate(open(os.path.join(HERE, "sdk_differences.tsv"), encoding="utf-8"), 1):
        if line.startswith("#") or not line.strip():
            continue
        row = line.rstrip("\n").split("\t")
        if len(row) != 6 or row[1] not in ("rule", "reader", "rules-only") or {row[3], row[4]} != {"accept", "refuse"} or not row[5]:
            print("FAIL sdk_differences.tsv:%d: six columns are wanted: kind, layer, name, judge, posthorn, reason" % number)
            sys.exit(1)
        if row[0] == kind and row[1] in layers:
            rows.append({"line": number, "name": row[2], "judge": row[3], "ours": row[4], "used": 0})
    return rows


def word(verdict):
    return "accept" if verdict[0] else "refuse"


def compare(kind, names, judge, ours, rows):
    passed, faults = 0, []
    for name in names:
        if name not in judge or name not in ours:
            faults.append("%s %s: no verdict" % (kind, name))
            continue
        said, we = word(judge[name]), word(ours[name])
        hits = [r for r in rows if fnmatch.fnmatchcase(name, r["name"])]
        if (said != we and not hits) or any((r["judge"], r["ours"]) != (said, we) for r in hits):
            wanted = "".join(" (sdk_differences.tsv:%d wants %s, %s)" % (r["line"], r["judge"], r["ours"]) for r in hits)
            faults.append("%s %s: judge %s (%s), posthorn %s (%s)%s" % (
                kind, name, said, judge[name][1][:160], we, ours[name][1][:160], wanted))
            continue
        for r in hits:
            r["used"] += 1
        passed += 1
    faults += ["sdk_differences.tsv:%d: no document needs this row" % r["line"] for r in rows if not r["used"]]
    return passed, faults


def prepare(kind, options, work):
    folder = os.path.join(options.keep or work, kind)
    names = write_documents(kind, folder, thin=not options.xsd_only)
    return folder, names, None if options.xsd_only else start_judge(kind, folder, names, options.cache)


def check(kind, options, work, folder, names, asked):
    faults, layers = [], {"rule", "reader"}
    if options.xsd_only:
        judge = ask_xsd(official_xsd(kind, work), folder, names)
        ours, layers = ask_xsd(os.path.join(SCHEMAS, KINDS[kind][1] + ".xsd"), folder, names), set()
    elif options.rules_only:
        ours, layers = ask_rules(kind, folder, names), {"rule", "rules-only"}
    else:
        ours, faults = ask_posthorn(options.posthorn, kind, folder, names)
    if asked:
        judge = finish_judge(asked)
    passed, more = compare(kind, names, judge, ours, read_differences(kind, layers))
    print("%s: %d documents, judge accepts %d, posthorn accepts %d, %d faults" % (
        kind, len(names), sum(v[0] for v in judge.values()), sum(v[0] for v in ours.values()), len(faults + more)))
    return passed, faults + more


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("posthorn", nargs="?")
    parser.add_argument("--keep", metavar="DIR", help="leave the mutants in DIR")
    parser.add_argument("--cache", metavar="DIR", default=os.environ.get("POSTHORN_JUDGE_CACHE"), help="keep the judge's verdicts in DIR")
    parser.add_argument("--kind", action="append", choices=sorted(KINDS))
    parser.add_argument("--xsd-only", action="store_true")
    parser.add_argument("--rules-only", action="store_true")
    options = parser.parse_args()
    if not (options.xsd_only or options.rules_only or options.posthorn):
        parser.error("the path of the program posthorn is missing")
    need_tools(not options.xsd_only)
    passed, faults = 0, []
    with tempfile.TemporaryDirectory() as work:
        kinds = options.kind or list(KINDS)
        for kind, begun in [(kind, prepare(kind, options, work)) for kind in kinds]:
            good, bad = check(kind, options, work, *begun)
            passed, faults = passed + good, faults + bad
    for fault in faults:
        print("FAIL " + fault)
    print("%d passed, %d failed" % (passed, len(faults)))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
