# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""What every bench needs: the installation of the flow tests, CPU and memory from /proc, one JSON object a line."""
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.abspath(os.environ.get("top_srcdir", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")))
os.environ.setdefault("top_srcdir", TOP)
os.environ.setdefault("top_builddir", "." if os.path.exists("bin/posthorn") else TOP + "/build")
sys.path.insert(0, os.path.join(TOP, "tests/flow"))
import installation  # noqa: E402

BUILD = installation.BUILD
TICK = os.sysconf("SC_CLK_TCK")
MIB = 1024 * 1024


def say(line):
    print(json.dumps(line, ensure_ascii=False), flush=True)


def cpu_seconds(pid):
    fields = open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory_mib(pid, key):
    """VmHWM (peak) or VmRSS from status; Pss, Private_Dirty and so on from smaps_rollup."""
    for name in ("status", "smaps_rollup"):
        for line in open("/proc/%d/%s" % (pid, name)):
            if line.startswith(key + ":"):
                return int(line.split()[1]) / 1024
    raise KeyError(key)


def reset_peak(pid):
    """VmHWM starts again from what is resident now."""
    with open("/proc/%d/clear_refs" % pid, "w") as f:
        f.write("5")


def peaks(organisation):
    return {name.replace("accesspoint-", ""): round(memory_mib(pid, "VmHWM"), 1)
            for name, pid in organisation.pids().items()}


def cpu_of(organisation):
    return {name.replace("accesspoint-", ""): cpu_seconds(pid) for name, pid in organisation.pids().items()}


def spent(before, after):
    return {name: round(after[name] - before[name], 2) for name in after}


@contextlib.contextmanager
def scratch():
    """A folder beside the build, not in /tmp, which may be memory; gone at the end."""
    folder = tempfile.mkdtemp(prefix="posthorn-bench-", dir=os.environ.get("POSTHORN_BENCH_DIR", BUILD))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def need_disk(folder, octets):
    """False: one line said why."""
    free = shutil.disk_usage(folder).free
    if free >= octets:
        return True
    print("bench: skipped: %d MiB needed in %s (POSTHORN_BENCH_DIR), %d MiB free" %
          (octets // MIB, folder, free // MIB), file=sys.stderr)
    return False


def random_file(path, octets):
    """No gaps and nothing that compresses: AES-CTR of zeros."""
    zeros = subprocess.Popen(["head", "-c", str(octets), "/dev/zero"], stdout=subprocess.PIPE)
    with open(path, "wb") as out:
        subprocess.run(["openssl", "enc", "-aes-128-ctr", "-nosalt", "-K", "0" * 31 + "1", "-iv", "0" * 32],
                       stdin=zeros.stdout, stdout=out, check=True)
    zeros.stdout.close()
    if zeros.wait() != 0 or os.path.getsize(path) != octets:
        raise SystemExit("bench: %s could not be made" % path)


def sha256_file(path):
    return subprocess.run(["sha256sum", path], check=True, capture_output=True, text=True).stdout.split()[0]


def allow_large(pair):
    """For installation.Pair: bench/large.profile, and settings that let a file of any size through."""
    for organisation in (pair.kommun, pair.myndighet):
        allow_large_in(organisation)


def allow_large_in(organisation):
    path = organisation.folder + "/posthorn.conf"
    lines = []
    for line in open(path):
        if line.startswith("profile ="):
            line = "profile = %s/bench/large.profile\n" % TOP
        lines.append(line)
        if line.startswith("[accesspoint-api]"):
            lines.append("attachment-size = 4G\n")
        if line.startswith("[accesspoint-receive]"):
            lines.append("body-size = 8G\n")
    open(path, "w").write("".join(lines))


def curl(organisation, path, *more):
    """curl with the organisation's token and trust: {"status", "seconds", "body"}."""
    port = organisation.ports["accesspoint-api"]
    out = subprocess.run(["curl", "-sS", "--cacert", organisation.keys + "/open-test/trust/tls.pem",
                          "-H", "Authorization: Bearer " + organisation.token,
                          "-w", "\n%{http_code} %{time_total}", *more,
                          "https://%s/meddelanden/v1%s" % (port, path)], capture_output=True, text=True)
    if out.returncode != 0:
        raise SystemExit("bench: curl %s: %s" % (path, out.stderr.strip()))
    body, numbers = out.stdout.rsplit("\n", 1)
    status, seconds = numbers.split()
    return {"status": int(status), "seconds": float(seconds), "body": body}


def upload(organisation, path):
    answer = curl(organisation, "/attachments", "-H", "Content-Type: application/octet-stream",
                  "-H", 'Content-Disposition: attachment; filename="bench.bin"', "-H", "Expect:",
                  "-X", "POST", "-T", path)
    if answer["status"] != 201:
        raise SystemExit("bench: upload answered %(status)d: %(body)s" % answer)
    return json.loads(answer["body"])["attachmentId"], answer["seconds"]
