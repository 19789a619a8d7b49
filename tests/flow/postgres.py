# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""A PostgreSQL of the test's own, and organisations whose store is in it."""
import glob
import os
import shutil
import subprocess
import tempfile

from installation import BUILD


def is_installed():
    return bool(glob.glob("/usr/lib/postgresql/*/bin/initdb"))


class Postgres:
    """A cluster behind a UNIX socket; as user postgres when root (initdb refuses root)."""
    def __init__(self):
        self.bin = max(glob.glob("/usr/lib/postgresql/*/bin"))
        self.folder = tempfile.mkdtemp(prefix="posthorn-pg-")
        os.chmod(self.folder, 0o755)
        self.user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        if self.user:
            shutil.chown(self.folder, "postgres", "postgres")
        self.run("initdb", "-D", self.folder + "/data", "-A", "trust", "-U", "posthorn", "--no-sync")

    def run(self, program, *args):
        subprocess.run([self.bin + "/" + program, *args], check=True, stdout=subprocess.DEVNULL, cwd="/", **self.user)

    def start(self):
        self.run("pg_ctl", "-D", self.folder + "/data", "-w", "-l", self.folder + "/log", "-o",
                 "-c listen_addresses='' -k %s" % self.folder, "start")

    def stop(self):
        self.run("pg_ctl", "-D", self.folder + "/data", "-m", "immediate", "stop")

    def end(self):
        self.stop()
        shutil.rmtree(self.folder)

    def serve(self, org):
        """Its store is a database here from now on, named as it is."""
        self.run("createdb", "-h", self.folder, "-U", "posthorn", org.name)
        org.set("store", "engine", "postgres")
        org.set("store", "connection", "host=%s dbname=%s user=posthorn" % (self.folder, org.name))
        subprocess.run([BUILD + "/bin/posthorn", "migrate", org.folder], check=True, env=org.env,
                       stdout=subprocess.DEVNULL)
