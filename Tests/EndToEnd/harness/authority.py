"""An authority for TLS certificates, with openssl(1): what a test wants is valid, expired or for another name."""

import os
import subprocess

_SETTINGS = """
[ca]
default_ca = own
[own]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
certificate = {folder}/ca.pem
private_key = {folder}/ca-key.pem
[any]
commonName = supplied
"""
_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


class Authority:
    """`folder/ca.pem` is its own certificate."""

    def __init__(self, folder, name="authority"):
        self.folder = folder
        os.makedirs(folder)
        self.certificate = os.path.join(folder, "ca.pem")
        self._settings = os.path.join(folder, "settings")
        with open(self._settings, "w") as file:
            file.write(_SETTINGS.format(folder=folder))
        with open(os.path.join(folder, "index.txt"), "w"):
            pass
        _openssl("req", "-x509", *_KEY, "-days", "2", "-subj", f"/CN={name}", "-out", self.certificate,
                 "-keyout", os.path.join(folder, "ca-key.pem"))

    def issue(self, certificate, key, name, alternative=None, expired=False):
        """A certificate and its key at these paths; `alternative` is such as `IP:127.0.0.1`."""
        request = certificate + ".request"
        extension = ["-addext", f"subjectAltName={alternative}"] if alternative else []
        _openssl("req", "-new", *_KEY, "-subj", f"/CN={name}", *extension, "-keyout", key, "-out", request)
        span = ["-startdate", "20200101000000Z", "-enddate", "20200102000000Z"] if expired else ["-days", "2"]
        _openssl("ca", "-batch", "-notext", "-config", self._settings, *span, "-in", request, "-out", certificate)


def _openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"openssl {arguments}: {done.stderr}"
