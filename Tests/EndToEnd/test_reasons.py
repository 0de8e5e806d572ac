"""Every reason that the program can give has its row in docs/guides/troubleshooting.md, with what to do."""

import glob
import os
import re
import unittest

from harness import images, pages

PAGE = "docs/guides/troubleshooting.md"
_INSERTED = r"\\\((?:[^()\n]|\((?:[^()\n]|\([^()\n]*\))*\))*\)"
_LITERAL = rf'(?:#"(?P<raw{{0}}>[^\n]*?)"#|"(?P<text{{0}}>(?:[^"\\\n]|{_INSERTED}|\\.)*)")'
LITERAL = re.compile(_LITERAL.format(""))
REASON = re.compile(r"(?:because: |\b(?:because|unknown) = |\bunknown\()\s*(?:[^\"\n]*\? )?" + _LITERAL.format(""))
REMEDY = re.compile(rf'(?:remedy: |hint: |Hint =\s)\s*{_LITERAL.format("")}(?:\s*\+ {_LITERAL.format("2")})?')


def plain(match, group=""):
    """A literal as people read it, with … for what varies."""
    if match["raw" + group] is not None:
        return match["raw" + group]
    return re.sub(_INSERTED, "…", match["text" + group] or "").replace('\\"', '"')


def sources():
    """The Swift files of the modules that give reasons, without their comments."""
    for module in ("Checks", "Daemon", "DockerEngine", "Procfs"):
        for path in sorted(glob.glob(f"{images.REPOSITORY}/Sources/{module}/**/*.swift", recursive=True)):
            # Mistakes in the configuration name their place and remedy themselves.
            if "/Configuration/" not in path:
                with open(path) as file:
                    yield os.path.relpath(path, images.REPOSITORY), re.sub(r"(?m)^\s*//.*$", "", file.read())


# What the settings of the engine without a name are called, which the page says.
_NAMES = {"host": "DOCKER_HOST", "certPath": "DOCKER_CERT_PATH", "tlsVerify": "DOCKER_TLS_VERIFY=1"}


def literals(path, declaration):
    """Every literal within the braces behind a declaration."""
    text = re.sub(r"\\\(names\.(\w+)\)", lambda match: _NAMES[match[1]], pages.read(path))
    start = text.index("{", text.index(declaration))
    depth = 0
    for place, character in enumerate(text[start:], start):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth == 0:
            return [plain(match) for match in LITERAL.finditer(text[start:place])]
    raise AssertionError(f"{path}: {declaration} has no end")


def reasons():
    found = {}
    for path, text in sources():
        found.update({plain(match): path for match in REASON.finditer(text)})
    for path in ("Sources/DockerEngine/EngineError.swift", "Sources/Procfs/HostFileError.swift",
                 "Sources/SystemBus/BusError.swift"):
        found.update({reason: path for reason in literals(path, "var description: String")})
    # What only passes on another reason is none of its own.
    return {reason: path for reason, path in found.items() if re.search(r"\w", reason) or reason == "…:…: …"}


def remedies():
    found = []
    for _, text in sources():
        for match in REMEDY.finditer(text):
            found.append(plain(match) + (plain(match, "2") if match["text2"] else ""))
    # An error's name is matched, not told.
    bus = literals("Sources/SystemBus/BusError.swift", "var hint: String?")
    found += [hint for hint in bus if not hint.startswith("org.")]
    for path in ("Sources/DockerEngine/EngineError.swift", "Sources/DockerEngine/TLSFault.swift"):
        found += literals(path, "func hint(in names")
    found += literals("Sources/Procfs/Host.swift", "static func hint(toMount")
    return found + literals("Sources/Journal/JournalOpening.swift", "var hint: String {")


class ReasonTests(unittest.TestCase):
    def setUp(self):
        rows = [line.strip("| ").split(" | ") for line in pages.read(PAGE).splitlines() if line.startswith("| `")]
        self.rows = {row[0].strip("`"): row[1] for row in rows}

    def test_every_reason_has_its_row(self):
        """A new reason without a row fails here; so does a row without a remedy, and one that nobody says."""
        known = reasons()
        self.assertGreater(len(known), 45)
        self.assertEqual({r: path for r, path in known.items() if r not in self.rows}, {})
        kinds = re.search(r"enum Kind: String, Sendable \{(.*?)\}", pages.read("Sources/Journal/JournalOpening.swift"),
                          re.DOTALL)[1]
        names = set(re.findall(r'"(\w+)"', kinds))
        for several in re.findall(r"case ([\w, ]+)$", kinds, re.MULTILINE):
            names |= set(several.split(", "))
        self.assertIn("read_only", names)
        self.assertEqual(set(self.rows) - set(known), names)
        self.assertEqual([reason for reason, remedy in self.rows.items() if len(remedy) < 8], [])

    def test_every_remedy_is_told(self):
        """What the program itself proposes stands on the page, too."""
        text = pages.read(PAGE).replace("`", "").lower()
        told = remedies()
        self.assertGreater(len(told), 20)
        self.assertEqual([remedy for remedy in told if remedy.lower() not in text], [])


if __name__ == "__main__":
    unittest.main()
