"""json_schema.py SCHEMA [FILE]: checks FILE (YAML or JSON; default: stdin) against a JSON Schema.

Prints each difference as PATH: MESSAGE; exit 1 when there is one. With "-" for FILE only the schema
itself is checked.
"""
import json
import sys

import jsonschema
import yaml


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    if sys.argv[2:] == ["-"]:
        return 0
    with open(sys.argv[2], encoding="utf-8") if sys.argv[2:] else sys.stdin as file:
        document = yaml.safe_load(file)
    validator = jsonschema.Draft202012Validator(schema)
    errors = sorted(validator.iter_errors(document), key=lambda e: list(map(str, e.absolute_path)))
    for error in errors:
        print(f"{'.'.join(map(str, error.absolute_path)) or '(top)'}: {error.message}")
    return 1 if errors else 0


sys.exit(main())
