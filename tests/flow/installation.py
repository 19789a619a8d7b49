# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""Two organisations and an SMP on loopback, as the demo has them, for tests that do things to them.

    with Pair(build, scratch) as pair:
        pair.kommun.post("/messages", {...})
"""
import contextlib
import http.client
import json
import os
import signal
import ssl
import subprocess
import time
import uuid

TOP = os.path.abspath(os.environ.get("top_srcdir", "."))
BUILD = os.path.abspath(os.environ.get("top_builddir", "build"))
MESSAGE_SERVICE = ("urn:riv:infrastructure:messaging:MessageWithAttachments:3::messagePayload##3.0::"
                   "tm-base-ext-sigenc")
RECEIPT_SERVICE = ("urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2::ApplicationResponse##"
                   "fdc:digg.se:edelivery:messagetype:response:1::2.1::tm-base-ext-sigenc")
PROGRAMS = ["accesspoint-api", "accesspoint-receive", "accesspoint-work", "accesspoint-send"]


def world():
    """The test keys: those of make check, or made here."""
    given = os.environ.get("POSTHORN_WORLD")
    folder = given or os.path.join(BUILD, "test-world")
    bits = os.environ.get("POSTHORN_WORLD_BITS", "2048")
    subprocess.run([os.path.join(TOP, "certs/make-world"), "--bits", bits, folder], check=True,
                   stdout=subprocess.DEVNULL)
    return os.path.abspath(folder)


def is_sanitized():
    """Were the programs built with --enable-sanitizers? clang's stand in the program, gcc's beside it."""
    with open(BUILD + "/accesspoint-work", "rb") as program:
        return b"__asan_init" in program.read()


def await_line(path, start, seconds=30, is_over=lambda: False):
    """The first line that starts so, in a file that grows; is_over: it does not grow any more."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        over = is_over()
        if os.path.exists(path):
            for line in open(path, encoding="utf-8", errors="replace"):
                if line.startswith(start) and line.endswith("\n"):
                    return line.strip()
        if over:
            break
        time.sleep(0.05)
    raise AssertionError("no line '%s' in %s" % (start, path))


class Process:
    def __init__(self, args, out, err):
        self.out, self.err = out, err
        self.child = subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=open(out, "w"), stderr=open(err, "a"))

    def await_line(self, start):
        """Of its output; where it does not come the process is stopped."""
        try:
            return await_line(self.out, start, is_over=lambda: self.child.poll() is not None)
        except BaseException:
            self.stop()
            raise

    def stop(self, number=signal.SIGTERM, seconds=40):
        if self.child.poll() is None:
            self.child.send_signal(number)
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            return self.child.wait()


class Smp:
    def __init__(self, folder, keys):
        self.folder, self.keys = folder, keys
        os.makedirs(folder, exist_ok=True)
        open(os.path.join(folder, "services.tsv"), "w").close()
        self.start("127.0.0.1:0")

    def start(self, listen=None):
        """Again at the address it had, after stop()."""
        env = self.keys + "/open-test"
        self.process = Process([BUILD + "/tests/peers/smp", "--data", self.folder,
                                "--listen", listen or self.url[len("https://"):],
                                "--key", env + "/smp/tls.key", "--chain", env + "/smp/tls.pem",
                                "--sign-key", env + "/smp/smp.key", "--sign-chain", env + "/smp/smp.pem",
                                "--expired-key", env + "/bad/smp-expired.key",
                                "--expired-chain", env + "/bad/smp-expired.pem"],
                               self.folder + "/out", self.folder + "/log")
        self.url = "https://" + self.process.await_line("READY ")[6:]

    def stop(self):
        self.process.stop()

    def publish_as(self, participant, endpoint, access_point, signing, encryption):
        """Both document types of a participant, with any certificates (PEM files)."""
        with open(os.path.join(self.folder, "services.tsv"), "a") as f:
            f.write("\t".join([participant, MESSAGE_SERVICE, endpoint, access_point, "-", encryption]) + "\n")
            f.write("\t".join([participant, RECEIPT_SERVICE, endpoint, access_point, signing, "-"]) + "\n")

    def mode(self, word):
        with open(os.path.join(self.folder, "mode"), "w") as f:
            f.write(word)

    def publish(self, keys, organisation, endpoint):
        out = subprocess.run(["sh", TOP + "/packaging/demo/services", keys, organisation, endpoint], check=True,
                             capture_output=True, text=True).stdout
        with open(os.path.join(self.folder, "services.tsv"), "a") as f:
            f.write(out)


class Organisation:
    def __init__(self, folder, keys, name, party, smp_url, env=None):
        self.folder, self.keys, self.name, self.env = folder, keys, name, dict(os.environ, **(env or {}))
        self.env.setdefault("POSTHORN_SCHEMA_DIR", TOP + "/schemas")
        self.env.setdefault("POSTHORN_RETRY_FIRST", "300ms")
        os.environ["POSTHORN_SCHEMA_DIR"] = self.env["POSTHORN_SCHEMA_DIR"]
        os.environ["POSTHORN_RETRY_FIRST"] = self.env["POSTHORN_RETRY_FIRST"]
        subprocess.run(["sh", TOP + "/packaging/demo/make-organisation", folder, keys, name, party, smp_url],
                       check=True, env=self.env)
        subprocess.run([BUILD + "/bin/posthorn", "migrate", folder], check=True, env=self.env,
                       stdout=subprocess.DEVNULL)
        self.log = folder + ".log"
        self.context = ssl.create_default_context(cafile=keys + "/open-test/trust/tls.pem")
        self.token = open(folder + "/token").read().strip()
        self.address = "sdk:inkorg:0203:%s.example" % name
        self.participant = "0203:%s.example" % name
        self.ports = {}      # of each program, where it is asked
        self.listeners = {}  # of each program, all addresses it listens on

    def fix_ports(self):
        """The ports of the first start are kept, so that a restarted program is found again."""
        path = self.folder + "/posthorn.conf"
        lines, section = [], None
        for line in open(path):
            if line.startswith("["):
                section = line.strip("[]\n ")
            if line.startswith("listen") and section in self.ports:
                line = "listen = %s\n" % self.ports[section]
            lines.append(line)
        open(path, "w").write("".join(lines))

    def start(self):
        out = self.folder + ".out"
        if os.path.exists(out):
            os.remove(out)
        self.run = Process([BUILD + "/bin/posthorn", "run", self.folder], out, self.log)
        self.run.await_line("READY")
        for line in open(out):
            words = line.split()
            if len(words) > 1:
                self.ports[words[0]] = words[1]
                self.listeners[words[0]] = words[1:]
        self.msh = "https://%s/msh" % self.ports["accesspoint-receive"]

    def stop(self):
        return self.run.stop()

    def pids(self):
        """{program: pid} of the children that run now."""
        found = {}
        me = self.run.child.pid
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                stat = open("/proc/%s/stat" % entry).read()
                args = open("/proc/%s/cmdline" % entry, "rb").read().split(b"\0")
            except OSError:
                continue
            if int(stat.rsplit(")", 1)[1].split()[1]) == me:
                found[os.path.basename(args[0]).decode()] = int(entry)
        return found

    def call(self, method, path, body=None, headers=None, seconds=30):
        host, port = self.ports["accesspoint-api"].rsplit(":", 1)
        connection = http.client.HTTPSConnection(host, int(port), timeout=seconds, context=self.context)
        try:
            fields = {"Authorization": "Bearer " + self.token}
            if isinstance(body, (dict, list)):
                body = json.dumps(body).encode()
                fields["Content-Type"] = "application/json"
            fields.update(headers or {})
            connection.request(method, "/meddelanden/v1" + path, body, fields)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer
        finally:
            connection.close()

    def get(self, path):
        status, body, _ = self.call("GET", path)
        assert status == 200, (path, status, body[:500])
        return json.loads(body)

    def letter(self, to, subject="Prov", texts=("Hej",), attachments=()):
        return {"sender": {"address": self.address}, "recipient": {"participant": to.participant, "address": to.address},
                "subject": subject, "confidential": False,
                "documents": [{"texts": list(texts), "attachments": list(attachments)}]}

    def send(self, letter, key=None):
        status, body, _ = self.call("POST", "/messages", letter, {"Idempotency-Key": '"%s"' % (key or uuid.uuid4())})
        assert status == 202, (status, body[:1000])
        return json.loads(body)["messageId"]

    def status(self, message):
        return self.get("/messages/" + message)

    def await_status(self, message, wanted, seconds=30):
        end = time.monotonic() + seconds
        while True:
            now = self.status(message)
            if now["status"] == wanted:
                return now
            if time.monotonic() > end:
                raise AssertionError("%s is %s, not %s: %s" % (message, now["status"], wanted, now.get("reason")))
            time.sleep(0.1)

    def inbox(self):
        """All inbox messages of the one mailbox."""
        mailbox = self.get("/mailboxes")["mailboxes"][0]["mailboxId"]
        found, page = [], 1
        while True:
            answer = self.get("/mailboxes/%s/messages?page=%d&limit=200" % (mailbox, page))
            found += answer["messages"]
            if len(found) >= answer["_meta"]["totalRecords"] or not answer["messages"]:
                return found
            page += 1

    def inbox_count(self):
        mailbox = self.get("/mailboxes")["mailboxes"][0]["mailboxId"]
        return self.get("/mailboxes/%s/messages?limit=1" % mailbox)["_meta"]["totalRecords"]

    def sent_count(self):
        return self.get("/messages?limit=1")["_meta"]["totalRecords"]

    def serve_also(self, participant, key, chain):
        """One more participant with its mailbox, which the demo's client may use."""
        path = self.folder + "/posthorn.conf"
        text = open(path).read().rstrip("\n")
        address = "sdk:inkorg:" + participant
        assert text.splitlines()[-1].startswith("addresses ="), "the client stands last"
        text += " %s\n\n" % address
        client = text.index("[client ")
        text = text[:client] + ("[participant %s]\nname = %s\nkey = %s\nchain = %s\n\n[mailbox %s]\nparticipant = %s\n"
                                "name = %s\n\n" % (participant, participant, key, chain, address, participant,
                                                  participant)) + text[client:]
        open(path, "w").write(text)

    def set(self, section, name, value):
        """Before start(): one line of a section, replaced or added."""
        path = self.folder + "/posthorn.conf"
        lines, here = [], False
        for line in open(path):
            if line.startswith("["):
                here = line.strip() == "[%s]" % section
                lines.append(line)
                if here:
                    lines.append("%s = %s\n" % (name, value))
            elif not (here and line.split("=")[0].strip() == name):
                lines.append(line)
        open(path, "w").write("".join(lines))

    def check_log(self):
        """Each line is an object with its head, no name twice (docs/events.md); no sanitizer found anything."""
        text = open(self.log, errors="replace").read()
        for line in text.splitlines():
            pairs = json.loads(line, object_pairs_hook=list) if line.startswith('{"') and line.endswith("}") else []
            names = [name for name, _ in pairs]
            assert not pairs or {"time", "level", "event", "program", "pid"} <= set(names), line
            assert len(names) == len(set(names)), "a name twice: " + line
        assert '"program.call_refused"' not in text, "a system call is missing in the sandbox: %s" % (
            self.log_lines("program.call_refused")[:3])
        for word in ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "LeakSanitizer has encountered", "runtime error:"):
            assert word not in text, text[text.index(word) - 200:][:4000]

    def log_about(self, message):
        """All lines with this message's id, of the store's or the SDK's."""
        return [l for l in self.log_lines() if message in (l.get("msg"), l.get("messageId"))]

    def log_lines(self, event=None):
        lines = []
        for line in open(self.log, encoding="utf-8", errors="replace"):
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if event is None or entry.get("event") == event:
                lines.append(entry)
        return lines


class Pair:
    """prepare(pair) is called before anything starts: for other settings than the demo's."""
    def __init__(self, scratch, env=None, prepare=None):
        self.scratch, self.env, self.prepare = scratch, env, prepare

    def __enter__(self):
        with contextlib.ExitStack() as started:
            self.start(started)
            started.pop_all()  # what runs now is stopped by __exit__
        return self

    def start(self, started):
        os.makedirs(self.scratch, exist_ok=True)
        self.keys = world()
        self.smp = Smp(self.scratch + "/smp", self.keys)
        started.callback(self.smp.stop)
        self.kommun = Organisation(self.scratch + "/kommun", self.keys, "kommun", "AP0001-OPEN-TEST", self.smp.url,
                                   self.env)
        self.myndighet = Organisation(self.scratch + "/myndighet", self.keys, "myndighet", "AP0002-OPEN-TEST",
                                      self.smp.url, self.env)
        if self.prepare:
            self.prepare(self)
        for one in (self.kommun, self.myndighet):
            one.start()
            started.callback(one.stop)
            one.fix_ports()
            self.smp.publish(self.keys, one.name, one.msh)

    def __exit__(self, kind, value, trace):
        for one in (self.kommun, self.myndighet):
            one.stop()
        self.smp.process.stop()
        if kind is not None:
            for one in (self.kommun, self.myndighet):
                print("--- the end of the log of", one.name)
                print("".join(open(one.log, errors="replace").readlines()[-25:]))
        else:
            for one in (self.kommun, self.myndighet):
                one.check_log()
