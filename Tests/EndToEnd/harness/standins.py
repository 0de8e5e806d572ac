"""Images made of Debian's packages, for those that the compose files pull: the same program at the same path."""

import glob
import io
import json
import os
import re
import subprocess
import tarfile

PYTHON = "custos-e2e/python:1"
HAPROXY = "custos-e2e/haproxy:1"
PROMETHEUS = "custos-e2e/prometheus:1"
ALERTMANAGER = "custos-e2e/alertmanager:1"
NODE_EXPORTER = "custos-e2e/node-exporter:1"

_NOBODY = 65534


def load(engine, *names):
    """Makes the images on an engine, each once."""
    present = {tag for row in engine.call("GET", "/images/json") for tag in row["RepoTags"] or []}
    for name in names:
        if name not in present:
            layout, changes = _MAKERS[name]()
            engine.import_image(name, layout, changes)


def _haproxy():
    settings = "/usr/local/etc/haproxy/haproxy.cfg"
    return (_image({"/usr/sbin/haproxy": "usr/local/sbin/haproxy"}),
            ["ENV PATH=/usr/local/sbin", f'CMD ["haproxy", "-W", "-db", "-f", "{settings}"]'])


def _prometheus():
    return (_image({"/usr/bin/prometheus": "bin/prometheus"}, owned=["prometheus"]),
            ['ENTRYPOINT ["/bin/prometheus"]', f"USER {_NOBODY}"])


def _alertmanager():
    # Debian keeps beside it what is built into the official program.
    return (_image({"/usr/bin/prometheus-alertmanager": "bin/alertmanager"}, owned=["alertmanager"],
                   trees={"/usr/share/prometheus/alertmanager": lambda path: True}),
            ['ENTRYPOINT ["/bin/alertmanager"]', f"USER {_NOBODY}"])


def _node_exporter():
    return (_image({"/usr/bin/prometheus-node-exporter": "bin/node_exporter"}),
            ['ENTRYPOINT ["/bin/node_exporter"]', f"USER {_NOBODY}"])


def _python():
    """Debian's interpreter with its standard library; the pyc files and the large rest stay behind."""
    asked = "import json, sys, sysconfig; print(json.dumps([sys.executable, sysconfig.get_path('stdlib')]))"
    done = subprocess.run(["/usr/bin/python3", "-c", asked], check=True, capture_output=True, text=True)
    program, library = json.loads(done.stdout)
    modules = glob.glob(library + "/lib-dynload/*.so")
    unwanted = re.compile(r"/(__pycache__|test|idlelib|lib2to3|pydoc_data|ensurepip|config-[^/]*)(/|$)")
    return (_image({os.path.realpath(program): "usr/bin/python3"}, needed_by=modules,
                   trees={library: lambda path: not unwanted.search(path)}),
            ["ENV PATH=/usr/bin", 'CMD ["python3"]'])


_MAKERS = {PYTHON: _python, HAPROXY: _haproxy, PROMETHEUS: _prometheus, ALERTMANAGER: _alertmanager,
           NODE_EXPORTER: _node_exporter}


def _image(programs, needed_by=(), trees=None, owned=()):
    """A tar archive of programs (source: place), folders with a filter, and the shared objects that they need."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", dereference=True) as archive:
        for folder in ["tmp", *owned]:
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
            entry.uid = entry.gid = 0 if folder == "tmp" else _NOBODY
            archive.addfile(entry)
        for source, place in programs.items():
            archive.add(source, place)
        for library in sorted(_libraries([*programs, *needed_by])):
            archive.add(library, library.lstrip("/"))
        for tree, wanted in (trees or {}).items():
            def kept(entry, wanted=wanted):
                return entry if wanted("/" + entry.name) else None
            archive.add(tree, tree.lstrip("/"), filter=kept)
    return buffer.getvalue()


def _libraries(programs):
    """What the loader opens: `libx.so => /path (address)`, and the loader itself, `/path (address)`."""
    found = set()
    for program in programs:
        text = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
        found.update(re.findall(r"(?:=> |^\t)(/\S+) \(", text, re.MULTILINE))
    return found
