"""What scripts/image-audit refuses, on archives made by hand."""

import hashlib
import io
import json
import os
import subprocess
import tarfile
import tempfile
import unittest

from harness import images

AUDIT = os.path.join(images.REPOSITORY, "scripts", "image-audit")
BINARY = ("custos", 0o755, tarfile.REGTYPE, b"a program")
SHARED = ("tmp", 0o1777, tarfile.DIRTYPE, b"")


def packed(entries):
    """A tar archive of (name, mode, type, content)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, mode, kind, content in entries:
            entry = tarfile.TarInfo(name)
            entry.mode, entry.type, entry.size = mode, kind, len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def listed(path, content):
    """A file as a list of contents names it."""
    return {"fileName": f".{path}",
            "checksums": [{"algorithm": "SHA256", "checksumValue": hashlib.sha256(content).hexdigest()}]}


class ImageAuditTests(unittest.TestCase):
    def audit(self, *entries, files=None):
        """Exit status and what was said of an image of one layer."""
        files = [listed("/custos", BINARY[3])] if files is None else files
        with tempfile.TemporaryDirectory(prefix="custos-audit-") as folder:
            archive, sbom = os.path.join(folder, "image.tar"), os.path.join(folder, "sbom.json")
            manifest = json.dumps([{"Layers": ["layer.tar"]}]).encode()
            with open(archive, "wb") as file:
                file.write(packed([("manifest.json", 0o644, tarfile.REGTYPE, manifest),
                                   ("layer.tar", 0o644, tarfile.REGTYPE, packed(entries))]))
            with open(sbom, "w") as file:
                json.dump({"packages": [], "files": files}, file)
            done = subprocess.run([AUDIT, archive, sbom], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def refused(self, sentence, *entries, files=None):
        status, said = self.audit(*entries, files=files)
        self.assertEqual((status, f"wrong: {sentence}\n" in said), (1, True), said)

    def test_a_good_image_passes(self):
        status, said = self.audit(BINARY, SHARED)
        self.assertEqual((status, "wrong:" in said), (0, False), said)

    def test_rights(self):
        self.refused("/custos is setuid or setgid", ("custos", 0o4755, tarfile.REGTYPE, BINARY[3]))
        self.refused("/custos is setuid or setgid", ("custos", 0o2755, tarfile.REGTYPE, BINARY[3]))
        self.refused("/custos is writable by everybody", ("custos", 0o757, tarfile.REGTYPE, BINARY[3]))
        self.refused("/tmp has no sticky bit", BINARY, ("tmp", 0o777, tarfile.DIRTYPE, b""))
        self.refused("/dev is a device or a pipe", BINARY, ("dev", 0o600, tarfile.CHRTYPE, b""))

    def test_the_list_of_contents(self):
        self.refused("/custos is not what the list of contents says", ("custos", 0o755, tarfile.REGTYPE, b"another"))
        self.refused("/other is not what the list of contents says", BINARY, ("other", 0o644, tarfile.REGTYPE, b"x"))
        self.refused("/custos is listed but not there", SHARED)

    def test_size(self):
        bytes_ = os.urandom(33_000_000)
        said = self.audit(("custos", 0o755, tarfile.REGTYPE, bytes_), files=[listed("/custos", bytes_)])
        self.assertEqual(said[0], 1, said[1])
        for name in ("image_unpacked_mb", "image_compressed_mb"):
            self.assertIn(f"wrong: {name} is over its budget\n", said[1])


if __name__ == "__main__":
    unittest.main()
