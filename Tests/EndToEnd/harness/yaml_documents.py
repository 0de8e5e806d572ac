"""Reads YAML documents and checks them against Kubernetes' schemas; run by Debian's Python, which has the libraries.

stdin: YAML; arguments: schema files; stdout: JSON with `documents` and `problems`.
"""

import json
import sys

import jsonschema
import yaml


def problems(document, schemas):
    group, _, version = document.get("apiVersion", "").rpartition("/")
    name = f"io.k8s.api.{group.partition('.')[0] or 'core'}.{version}.{document.get('kind')}"
    if name not in schemas:
        return [f"{name} has no schema"]
    validator = jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schemas})
    return [f"{name} {'.'.join(map(str, error.absolute_path))}: {error.message}"
            for error in validator.iter_errors(document)]


def main():
    documents = [document for document in yaml.safe_load_all(sys.stdin) if document is not None]
    found = []
    for path in sys.argv[1:]:
        with open(path) as file:
            schemas = json.load(file)["$defs"]
        found.extend(problem for document in documents for problem in problems(document, schemas))
    json.dump({"documents": documents, "problems": found}, sys.stdout)


if __name__ == "__main__":
    main()
