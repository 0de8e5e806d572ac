"""Compose files of the repository, brought up by a real compose client on a private engine."""

import os
import subprocess

from . import engine as engines
from . import images


class Composition:
    """A compose file as a project, with others laid over it; `environment` is all that the client sees besides where
    the engine is.

    Each of `files` is one of the repository's, or an absolute path.
    """

    def __init__(self, engine, project, *files, **environment):
        self.engine = engine
        self.project = project
        self.files = [os.path.join("compose", file) for file in files]
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": "/nonexistent", "DOCKER_HOST": "unix://" + engine.control,
            "DOCKER_SOCKET": engine.socket, "DOCKER_GID": str(os.stat(engine.socket).st_gid),
            "CUSTOS_IMAGE": engines.CUSTOS, **environment,
        }

    def run(self, *arguments, timeout=180):
        files = [argument for file in self.files for argument in ("-f", file)]
        return subprocess.run(["/usr/bin/docker-compose", "-p", self.project, *files, *arguments],
                              cwd=images.REPOSITORY, env=self.environment, capture_output=True, text=True,
                              timeout=timeout, check=False)

    def up(self):
        """`docker compose up -d`; the test that calls it has to call `down`."""
        done = self.run("up", "-d", "--no-build")
        if done.returncode:
            raise AssertionError(f"{self.files}: {done.stderr}")
        return self

    def down(self):
        self.run("down", "--volumes", "--timeout", "5")

    def logs(self, *services):
        return self.run("logs", "--no-color", *services).stdout

    def container(self, service):
        return engines.Container(self.engine, self.run("ps", "-q", service).stdout.strip())
