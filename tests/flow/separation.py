#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""What each of the four programs holds and does not have (docs/architecture.md), read from the running system.

First from /proc of a running organisation: sandbox, sockets, open and mapped files, and whether the octets of a key
lie in a program's memory. Then by trying: tests/flow/sandboxed-* are the programs' own files, which enter their own
sandbox and then try what they must not be able to do.
"""
import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from claims import Claims  # noqa: E402
from installation import BUILD, PROGRAMS, Pair, is_sanitized  # noqa: E402

LANDLOCK_CREATE_RULESET = 444
HAVE_STORE = {"accesspoint-api", "accesspoint-work"}
SHADOW_OCTETS = 1 << 30  # what is larger belongs to the sanitizers
NO_NETWORK = {"socket " + kind: "EPERM" for kind in ("inet", "inet6", "udp", "raw", "packet", "netlink", "vsock")}
NEVER = ["execve /bin/true"] + ["call " + name for name in
         ("ptrace", "process_vm_readv", "process_vm_writev", "mount", "chroot", "unshare", "setns", "keyctl", "bpf",
          "userfaultfd", "io_uring_setup", "init_module", "setuid", "clock_settime", "pidfd_getfd")]
KEYS = {"ap": ("work",), "o2o": ("work",), "tls": ("receive", "send"), "api": ("api",)}
IN_NO_LIST = ["call " + name for name in ("clone", "kill", "sched_setscheduler", "mknodat", "setpriority", "shmget")]
SANITIZERS_NEED = ["call ptrace", "call process_vm_readv", "call clone", "call kill"]


# --- what /proc says

def status_of(pid, task):
    text = open("/proc/%d/task/%s/status" % (pid, task)).read()
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def links(pid):
    found = {}
    for fd in os.listdir("/proc/%d/fd" % pid):
        try:
            found[int(fd)] = os.readlink("/proc/%d/fd/%s" % (pid, fd))
        except OSError:
            pass
    return found


def address(text):
    host, port = text.split(":")
    octets = b"".join(bytes.fromhex(host[i:i + 8])[::-1] for i in range(0, len(host), 8))
    return ".".join(str(b) for b in octets[-4:]), int(port, 16)


def sockets(pid):
    """Of each socket: (family, state, local port). Families as the files of /proc/net name them."""
    inodes = {m.group(1) for m in (re.match(r"socket:\[(\d+)\]", l) for l in links(pid).values()) if m}
    found = []
    for family, column in (("tcp", 9), ("tcp6", 9), ("udp", 9), ("udp6", 9), ("raw", 9), ("raw6", 9), ("packet", 8),
                           ("netlink", 9), ("unix", 6)):
        path = "/proc/%d/net/%s" % (pid, family)
        for line in open(path).readlines()[1:] if os.path.exists(path) else []:
            words = line.split()
            if len(words) > column and words[column] in inodes:
                inodes.discard(words[column])
                tcp = family.startswith("tcp")
                found.append((family, {"0A": "listen"}.get(words[3], "open") if tcp else "open",
                              address(words[1])[1] if tcp else 0))
    return found + [("unknown", inode, 0) for inode in inodes]


def files(pid):
    return {l for l in links(pid).values() if l.startswith("/")}


def libraries(pid):
    return {os.path.basename(line.split()[-1]) for line in open("/proc/%d/maps" % pid) if ".so" in line}


def has_library(pid, name):
    return any(lib.startswith(name) for lib in libraries(pid))


def in_memory(pid, needle):
    """Do these octets lie anywhere in the memory of the process?"""
    with open("/proc/%d/mem" % pid, "rb", 0) as memory:
        for line in open("/proc/%d/maps" % pid):
            span, rights = line.split()[:2]
            low, high = (int(x, 16) for x in span.split("-"))
            if "w" not in rights or high - low > SHADOW_OCTETS:
                continue
            try:
                memory.seek(low)
                if needle in memory.read(high - low):
                    return True
            except (OSError, ValueError):
                pass
    return False


def prime_of(key):
    """A prime of an RSA key as OpenSSL keeps it in memory: 64-bit words, the lowest first."""
    text = subprocess.run(["openssl", "pkey", "-in", key, "-noout", "-text"], check=True, capture_output=True,
                          text=True).stdout
    found = re.search(r"prime1:\s*([0-9a-f:\s]+?)\n[a-z]", text)
    return bytes.fromhex(re.sub(r"[^0-9a-f]", "", found.group(1)))[-128:][::-1]


# --- the claims about a running organisation

def check_sandbox(claims, name, pid):
    for task in os.listdir("/proc/%d/task" % pid):
        status = status_of(pid, task)
        claims.equal("%s: thread %s may gain no rights" % (name, task), status["NoNewPrivs"], "1")
        claims.equal("%s: thread %s has a system call filter" % (name, task), status["Seccomp"], "2")


def check_sockets(claims, org, pids):
    ports = {name: {int(a.rsplit(":", 1)[1]) for a in org.listeners[name] if not a.startswith("unix:")}
             for name in PROGRAMS}
    for name in PROGRAMS:
        seen = sockets(pids[name])
        inet = [s for s in seen if s[0] != "unix"]
        if name == "accesspoint-work":
            claims.equal("work has no socket but UNIX ones", inet, [])
            claims.check("work has its UNIX sockets", any(s[0] == "unix" for s in seen), seen)
            continue
        listens = {s[2] for s in inet if s[1] == "listen"}
        claims.equal("%s listens where it said, and nowhere else" % name, listens, ports[name])
        if name == "accesspoint-send":
            claims.equal("send listens for its operator alone", len(listens), 1)
        else:
            out = [s for s in inet if s[0] not in ("tcp", "tcp6") or s[2] not in listens]
            claims.equal("%s has no socket that is not one of its listener" % name, out, [])


def check_files(claims, org, pids):
    database = {name: any(org.folder + "/store/" in f for f in files(pids[name])) for name in PROGRAMS}
    claims.equal("the two that face the networks of others have no store open", database,
                 {n: n in HAVE_STORE for n in PROGRAMS})
    for name in PROGRAMS:
        keys = [f for f in files(pids[name]) if f.endswith(".key") or f.startswith(org.keys)]
        claims.equal("%s has no key file open" % name, keys, [])


def check_libraries(claims, pids):
    if is_sanitized():
        print("left out: libraries (the sanitizers' build links more)")
        return
    wanted = {"libxml2": ("accesspoint-work", "accesspoint-api"), "libsqlite3": HAVE_STORE, "libpq": HAVE_STORE,
              "libcurl": ("accesspoint-send",)}
    for library, holders in wanted.items():
        for name in PROGRAMS:
            if library == "libxml2" and name == "accesspoint-api":
                continue  # it reads no XML of strangers, but shares code with those that do
            claims.equal("%s %s %s" % (name, "uses" if name in holders else "does not even load", library),
                         has_library(pids[name], library), name in holders)


def check_memory(claims, org, pids):
    own = org.keys + "/open-test/" + org.name
    storage = open(org.folder + "/storage.key", "rb").read()
    secrets = {
        "the access point's message key": (prime_of(own + "/ap.key"), {"accesspoint-work"}),
        "the organisation's message key": (prime_of(own + "/o2o.key"), {"accesspoint-work"}),
        "the TLS key": (prime_of(own + "/tls.key"), {"accesspoint-receive", "accesspoint-send"}),
        "the API's TLS key": (prime_of(own + "/api.key"), {"accesspoint-api"}),
        "the storage key": (storage, {"accesspoint-work", "accesspoint-api"}),
    }
    for what, (octets, holders) in secrets.items():
        seen = {name for name in PROGRAMS if in_memory(pids[name], octets)}
        claims.equal("%s lies in the memory of those who need it alone" % what, seen, holders)


# --- the claims that are tried

class Caller:
    """A connection that somebody made: the end that was accepted, for a program to hold."""
    def __enter__(self):
        with socket.create_server(("127.0.0.1", 0)) as door:
            self.outside = socket.create_connection(door.getsockname())
            self.inside = door.accept()[0]
        return self.inside

    def __exit__(self, *_):
        self.inside.close()
        self.outside.close()


def run_in(name, config, attempts):
    """({attempt: what came of it}, exit status) of the program's own sandbox."""
    with Caller() as accepted:
        run = subprocess.run([BUILD + "/tests/flow/sandboxed-" + name, "--config", config], stderr=subprocess.PIPE,
                             input="\n".join(attempts) + "\n", stdout=subprocess.PIPE, text=True, timeout=60,
                             pass_fds=[accepted.fileno()])
    return dict(line.split("\t") for line in run.stdout.splitlines() if "\t" in line), run


def try_in(name, config, attempts):
    seen, run = run_in(name, config, attempts)
    assert run.returncode == 0 and len(seen) == len(set(attempts)) + 1, (run.returncode, run.stdout, run.stderr)
    refused = [a for a in attempts if seen[a] == "EPERM"]
    lines = [l for l in run.stderr.splitlines() if '"program.call_refused"' in l]
    assert len(lines) == len(refused), ("each refused call is a line in the log", refused, lines)
    return seen


def attempts_of(name, org, other, port):
    """{attempt: what must come of it} of a program; files only where the kernel has Landlock."""
    own = org.keys + "/open-test/" + org.name
    calls = {"socket unix": "0"}
    calls.update({n: "EPERM" for n in IN_NO_LIST})
    if name == "send":
        calls.update({"socket inet": "0", "connect %d" % port: "0", "listen": "EPERM", "socket packet": "EPERM",
                      "socket vsock": "EPERM"})
    else:
        calls.update(NO_NETWORK)
        calls["connect %d" % port] = "EPERM"
    if name != "send":
        calls["turn connect"] = calls["turn sending"] = "EPERM"
    tried = {"read /etc/passwd": "EACCES", "read /etc/shadow": "EACCES", "read /root": "EACCES", "read /dev/urandom": "0",
             "create /tmp": "EACCES", "write /bin/true": "EACCES",
             "read %s/storage.key" % org.folder: "EACCES", "read %s/token" % org.folder: "EACCES",
             "read %s/storage.key" % other.folder: "EACCES", "read %s/store" % other.folder: "EACCES"}
    for key, holders in KEYS.items():  # who holds one may read its file again, for a reload
        tried["read %s/%s.key" % (own, key)] = "0" if name in holders else "EACCES"
    has_store = "0" if "accesspoint-" + name in HAVE_STORE else "EACCES"
    tried["create %s/store" % org.folder] = has_store
    tried["read %s" % org.database] = tried["write %s" % org.database] = has_store
    tried["create %s/run" % org.folder] = "0" if name in ("receive", "work") else "EACCES"
    tried["create %s/temp" % org.folder] = "0" if name == "work" else "EACCES"
    return calls, tried


def check_attempts(claims, name, org, other, port, landlock):
    calls, tried = attempts_of(name, org, other, port)
    wanted = dict(calls, **(tried if landlock else {}))
    seen = try_in(name, org.folder + "/posthorn.conf", [a for a in wanted if not is_sanitized() or a not in SANITIZERS_NEED])
    for attempt, result in seen.items():
        if attempt != "sanitized":
            claims.equal("%s: %s" % (name, attempt), result, wanted[attempt])


def check_deadly(claims, name, org):
    for attempt in NEVER:
        if is_sanitized() and attempt in SANITIZERS_NEED:
            continue
        seen, run = run_in(name, org.folder + "/posthorn.conf", [attempt])
        claims.equal("%s: %s ends it at once" % (name, attempt), (run.returncode, seen.get(attempt)),
                     (-signal.SIGSYS, None))


# --- all of it

def spare(pair, org):
    """The same settings, with other ports and another run folder, for a program that is not started for long."""
    folder = pair.scratch + "/spare"
    shutil.copytree(org.folder, folder, ignore=shutil.ignore_patterns("run", "wake"))
    for name in ("run", "temp"):
        os.makedirs(folder + "/" + name, exist_ok=True)
    text = open(folder + "/posthorn.conf").read()
    open(folder + "/posthorn.conf", "w").write(re.sub(r"(listen = 127\.0\.0\.1:)\d+", r"\g<1>0", text))
    twin = type("Twin", (), dict(vars(org)))()
    twin.folder = folder
    twin.database = org.database.replace(org.folder, folder)
    return twin


def busy(pair):
    """Messages both ways, with an attachment: sessions, threads and payload files are there to be seen."""
    sent = [(a, a.send(a.letter(b))) for a, b in ((pair.kommun, pair.myndighet), (pair.myndighet, pair.kommun)) * 3]
    for org, message in sent:
        org.await_status(message, "delivered")


def databases(folder):
    return [os.path.join(d, f) for d, _, names in os.walk(folder + "/store") for f in names
            if os.path.isfile(os.path.join(d, f)) and open(os.path.join(d, f), "rb").read(6) == b"SQLite"]


def main():
    claims = Claims()
    landlock = ctypes.CDLL(None).syscall(LANDLOCK_CREATE_RULESET, 0, 0, 1) > 0
    scratch = tempfile.mkdtemp(prefix="posthorn-separation-")
    with Pair(scratch) as pair:
        org = pair.kommun
        claims.play("messages go both ways", busy, pair)
        pids = org.pids()
        claims.equal("all four run, and nothing else", sorted(pids), sorted(PROGRAMS))
        for name in PROGRAMS:
            claims.play("the sandbox of " + name, check_sandbox, claims, name, pids[name])
        claims.play("sockets", check_sockets, claims, org, pids)
        claims.play("open files", check_files, claims, org, pids)
        claims.play("libraries", check_libraries, claims, pids)
        if os.geteuid() == 0:
            claims.play("keys in memory", check_memory, claims, org, pids)
        else:
            print("left out: keys in memory (only root may read the memory of these programs)")
        org.database = databases(org.folder)[0]
        twin, port = spare(pair, org), int(pair.smp.url.rsplit(":", 1)[1].strip("/"))
        for name in ("receive", "work", "send", "api"):
            claims.play("what %s may not do" % name, check_attempts, claims, name, twin, pair.myndighet, port, landlock)
            claims.play("what ends %s" % name, check_deadly, claims, name, twin)
        if not landlock:
            print("left out: files by Landlock, which this kernel lacks")
    status = claims.end()
    if not status:
        shutil.rmtree(scratch)
    return status


sys.exit(main())
