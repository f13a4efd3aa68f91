"""twins.py NAME < SCRIPT   or   twins.py --random SEED COUNT

Two databases with the same files: what dbops does to one of them, Flyway does to the other, and
next time the other way round. Before and after every action the two history tables must hold the
same rows, and `info` and `validate` of both programs must say the same about them. Differences go to stdout
with the script so far; the status is 1.

A script's lines ($DB is the database's name; a line goes on behind a backslash at its end):
  file PATH TEXT        writes a file; \\n, \\xc3 and the like are bytes       remove PATH
  rename PATH PATH
  set KEY VALUE         option of both programs, in dbops' spelling; one of Flyway alone as
                        flyway.KEY       unset KEY
  up | repair | baseline | clean [dbops | flyway] [ok | fails]
                        one program on each database; the word says who takes the first
  sql STATEMENT         runs on both databases
  state WHAT STATE      this version, or description, has a line with this state
  valid | invalid CODE...   validate says nothing, or exactly this

The environment has what tests/helpers/servers.bash and tests/interop/interop.bash set.
"""
import collections
import json
import os
import random
import re
import signal
import subprocess
import sys

import histories

COLUMNS = ("installed_rank", "version", "description", "type", "script", "checksum",
           "installed_by", "success")
FLYWAY_NAMES = {"ignore_patterns": "ignoreMigrationPatterns",
                "skip_executing": "skipExecutingMigrations",
                "validate_naming": "validateMigrationNaming",
                "sql_prefix": "sqlMigrationPrefix",
                "repeatable_prefix": "repeatableSqlMigrationPrefix",
                "baseline_prefix": "baselineMigrationPrefix",
                "separator": "sqlMigrationSeparator", "suffixes": "sqlMigrationSuffixes",
                "clean": "cleanDisabled"}
LISTS = ("ignore_patterns", "schemas", "suffixes")
FLYWAY_VERBS = {"up": "migrate"}
env = os.environ
SKIPS = int(env["FLYWAY_VERSION"].split(".")[0]) >= 10  # skip_executing is for all
postgres = env["SERVER_ENGINE"] == "postgres"


class Differs(Exception):
    pass


def out_of_time(_signal, _frame):
    raise Differs("Flyway does not answer")


def camel(key):
    return re.sub("_(.)", lambda m: m.group(1).upper(), key)


def unescape(text):
    text = text.strip().replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t").encode()
    return re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes([int(m.group(1), 16)]), text)


class Database:
    """One of the two, and both programs' view of it."""

    def __init__(self, name, folder):
        self.name, self.folder = name, folder
        quoted = f'"{name}"' if postgres else f"`{name}`"
        self.query(f"create database {quoted}", "postgres" if postgres else "mysql")

    def query(self, sql, database=None):
        database = database or self.name
        sql = sql.replace("$DB", self.name)
        if postgres:
            command = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", sql]
            variables = {"PGHOST": env["SERVER_SOCKET"], "PGPORT": env["SERVER_PORT"],
                         "PGUSER": env["SERVER_USER"], "PGDATABASE": database}
        else:
            command = ["mariadb", "--no-defaults", "--user", env["SERVER_USER"],
                       "--socket", env["SERVER_SOCKET"], "--batch", "--raw",
                       "--skip-column-names", "-e", sql, database]
            variables = {}
        return subprocess.run(command, env={**env, **variables}, check=True,
                              capture_output=True, text=True).stdout

    def options(self, given):
        return {k: v.replace("$DB", self.name) for k, v in given.items()}

    def configure(self, given):
        given = self.options(given)
        lines = ["version: 1", "targets:", "  main:", f"    engine: {env['SERVER_ENGINE']}",
                 f"    host: {env['SERVER_SOCKET']}", f"    database: {self.name}",
                 f"    user: {env['SERVER_USER']}"]
        if postgres:
            lines += [f"    port: {env['SERVER_PORT']}"]
        lines += ["    migrate:", f"      locations: [{self.folder}/sql]"]
        for key, value in given.items():
            if key.startswith(("placeholders.", "flyway.")):
                continue
            value = "[" + ", ".join(json.dumps(v) for v in value.split(",") if v) + "]" \
                if key in LISTS else json.dumps(value)
            value = value.strip('"') if value in ('"true"', '"false"') else value
            lines.append(f"      {key}: {value}")
        placeholders = {k: v for k, v in given.items() if k.startswith("placeholders.")}
        if placeholders:
            lines.append("      placeholders:")
            lines += [f"        {k.split('.', 1)[1]}: {json.dumps(v)}"
                      for k, v in placeholders.items()]
        path = f"{self.folder}/{self.name}.yaml"
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")
        return path

    def dbops(self, verb, given):
        """Its first target as read from JSON, and whether it went well."""
        command = [env["DBOPS"], "migrate", verb, "-c", self.configure(given), "-o", "json", "-y"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 64, 65, 77, 78):
            raise Differs(f"dbops {verb} ends with {done.returncode}: {done.stderr}")
        try:
            targets = json.loads(done.stdout).get("targets")
        except ValueError as e:
            raise Differs(f"dbops {verb}: no JSON: {done.stdout} {done.stderr}") from e
        return (targets[0] if targets else {}), done.returncode == 0, done.stderr

    def flyway(self, verbs, given):
        """What it printed as JSON, and whether it went well."""
        url = {"postgres": "jdbc:postgresql", "mariadb": "jdbc:mariadb", "mysql": "jdbc:mysql"}
        words = verbs + [
            f"-url={url[env['SERVER_FLAVOUR']]}://127.0.0.1:{env['SERVER_PORT']}/{self.name}",
            f"-user={env['SERVER_USER']}", f"-password={env['SERVER_PASSWORD']}",
            f"-locations=filesystem:{self.folder}/sql", "-outputType=json", "-color=never",
            "-skipCheckForUpdate", "-reportEnabled=false"]
        for key, value in self.options(given).items():
            if key == "clean":
                value = "false" if value == "allowed" else "true"
            name = key[7:] if key.startswith("flyway.") else FLYWAY_NAMES.get(key) or camel(key)
            words.append(f"-{name}={value}")
        folder = env["FLYWAY_PIPES"]
        signal.alarm(120)
        with open(f"{folder}/request", "w", encoding="utf-8") as f:
            f.write("\n".join(words))
        with open(f"{folder}/reply", encoding="utf-8") as f:
            status = int(f.read())
        signal.alarm(0)
        with open(f"{folder}/stdout", encoding="utf-8") as f:
            text = f.read()
        with open(f"{folder}/stderr", encoding="utf-8") as f:
            errors = f.read()
        try:
            return json.loads(text[text.index("{"):]), status == 0, errors
        except ValueError as e:
            raise Differs(f"flyway {verbs}: no JSON: {text} {errors}") from e

    def history(self, table):
        where = f"table_name = '{table}'"
        if not self.query(f"select 1 from information_schema.tables where {where} and"
                          f" table_schema {'not like' if postgres else '='}"
                          f" '{'pg_%' if postgres else self.name}'"):
            return None
        if postgres:
            schema = self.query(f"select table_schema from information_schema.tables where {where}")
            table = f'"{schema.strip()}"."{table}"'
            sql = f"select to_json(array[{', '.join(c + '::text' for c in COLUMNS)}])"
        else:
            sql = f"select json_array({', '.join(COLUMNS)})"
        rows = self.query(f"{sql} from {table} order by installed_rank").splitlines()
        plain = [str(json.loads(r)).replace(self.name, "$DB") for r in rows]
        return plain


class Twins:
    def __init__(self, name, folder):
        self.databases = [Database(f"{name}_{x}", folder) for x in "ab"]
        self.folder, self.options, self.turn, self.last = folder, {}, 0, None
        self.lines, self.findings, self.stale = [], [], True
        self.compared, self.seen = 0, collections.Counter()
        os.makedirs(f"{folder}/sql", exist_ok=True)

    def act(self, verb, words):
        first = "flyway" if self.turn % 2 else "dbops"
        for word in words:
            first = word if word in ("dbops", "flyway") else first
        self.turn += 1
        self.last = self.databases[first != "dbops"]
        a, b = self.databases if first == "dbops" else reversed(self.databases)
        result, ok, errors = a.dbops(verb, self.options)
        told, fine, _ = b.flyway([FLYWAY_VERBS.get(verb, verb)], self.options)
        if ok != fine:
            raise Differs(f"{verb}: dbops {'succeeds' if ok else 'fails'}, flyway does not:"
                          f" {errors}\n{json.dumps(result)}\n{json.dumps(told, indent=1)}")
        if ("ok" in words and not ok) or ("fails" in words and ok):
            raise Differs(f"{verb} was to be {words[-1]}: {json.dumps(result)}")
        self.seen[f"{verb} {'went well' if ok else 'refused'}"] += 1

    def compare(self):
        table = self.options.get("table", "flyway_schema_history")
        rows = [d.history(table) for d in self.databases]
        if rows[0] != rows[1]:
            ours, theirs = rows if self.last is self.databases[0] else reversed(rows)
            raise Differs("histories differ. Where dbops was:\n" +
                          "\n".join(f"  {x}" for x in ours or []) + "\n-- and Flyway:\n" +
                          "\n".join(f"  {x}" for x in theirs or []))
        database = self.databases[self.turn % 2]
        told = database.flyway(["info", "validate"], self.options)[0]
        info, info_ok, errors = database.dbops("info", self.options)
        if "individualResults" not in told:
            if info_ok:
                raise Differs(f"flyway info fails, dbops does not: {json.dumps(told)[:600]}")
            self.lines, self.findings = [], ["ERROR"]
            return
        if not info_ok:
            raise Differs(f"dbops info fails, flyway does not: {errors}")
        checked, _, _ = database.dbops("validate", self.options)
        results = {r["operation"]: r for r in told["individualResults"]}
        self.same_info(info, results["info"])
        self.same_findings(checked, results["validate"])
        self.compared += 1
        self.stale = False

    def same_info(self, ours, theirs):
        keys = ("category", "version", "description", "type", "state")
        mine = [tuple(m[k] or "" for k in keys) for m in ours["migrations"]]
        other = [tuple(m[k] or "" for k in keys) for m in theirs["migrations"]]
        self.lines = mine
        self.seen.update(line[4] for line in mine)
        if mine != other:
            raise Differs("info differs:\n" + "\n".join(f"  {x}" for x in mine) +
                          "\n-- and Flyway's:\n" + "\n".join(f"  {x}" for x in other))
        if (ours["version"] or None) != theirs["schemaVersion"]:
            raise Differs(f"schema version {ours['version']}, Flyway's {theirs['schemaVersion']}")
        times = [(m["installed_on_utc"] or "")[:19] for m in ours["migrations"]]
        theirs = [m["installedOnUTC"][:19] for m in theirs["migrations"]]
        if times != theirs:
            raise Differs(f"installed on: {times}, Flyway's {theirs}")

    def same_findings(self, ours, theirs):
        mine = [(f["version"] or "", f["code"]) for f in ours.get("findings", [])]
        other = [(f["version"] or "", f["errorDetails"]["errorCode"])
                 for f in theirs["invalidMigrations"] or []]
        if not other and theirs["errorDetails"]:
            other = [("", theirs["errorDetails"]["errorCode"])]
        self.findings = [code for _, code in mine]
        self.seen.update(self.findings)
        if mine != other or bool(ours.get("valid")) != theirs["validationSuccessful"]:
            raise Differs(f"validate differs: {mine}, Flyway's {other} {ours.get('error')}"
                          f" {json.dumps(theirs)}")

    def fresh(self):
        """Compares, if something changed since the last time."""
        if self.stale:
            self.compare()

    def change(self, verb, first, rest):
        """What both programs find changed; the next comparison is soon enough."""
        path = os.fsdecode(os.fsencode(f"{self.folder}/sql/") + unescape(first))
        if verb == "file":
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as f:
                f.write(unescape(rest))
        elif verb == "remove":
            os.remove(path)
        elif verb == "rename":
            os.rename(path, f"{self.folder}/sql/{rest.strip()}")
        elif verb == "set":
            self.options[first] = rest.strip()
        elif verb == "unset":
            del self.options[first]
        else:
            return False
        self.stale = True
        return True

    def line(self, text):
        verb, _, rest = text.strip().partition(" ")
        first, _, more = rest.strip().partition(" ")
        if self.change(verb, first, more):
            return
        self.fresh()
        if verb == "sql":
            for d in self.databases:
                d.query(rest)
            self.compare()
        elif verb in ("up", "repair", "baseline", "clean"):
            self.act(verb, rest.split())
            self.compare()
        elif verb == "state":
            found = [x[4] for x in self.lines if first in (x[1], x[2].replace(" ", "_"))]
            if more.strip() not in found:
                raise Differs(f"{first} has the states {found}, not {more.strip()}")
        elif verb in ("valid", "invalid"):
            if sorted(self.findings) != sorted(rest.split()):
                raise Differs(f"validate finds {self.findings}, not {rest.split()}")
        else:
            raise SystemExit(f"unknown line: {text}")


def play(name, script):
    """Runs a script, which may be made as it goes; None after a difference."""
    twins, said = Twins(name, f"{os.getcwd()}/{name}"), []
    try:
        for text in script:
            said.append(text.rstrip("\n"))
            if text.strip() and not text.startswith("#"):
                twins.line(text)
        twins.fresh()
    except Differs as e:
        print("\n".join(said) + f"\n-- after this: {e}", flush=True)
        return None
    return twins


def main():
    signal.signal(signal.SIGALRM, out_of_time)
    if sys.argv[1] != "--random":
        twins = play(sys.argv[1], sys.stdin.read().replace(" \\\n", " ").splitlines(True))
        return 0 if twins and twins.compared else 1
    seed, count, failed, compared = int(sys.argv[2]), int(sys.argv[3]), 0, 0
    seen = collections.Counter()
    for i in range(seed, seed + count):
        twins = play(f"r{i}", histories.random_script(random.Random(i), postgres, SKIPS))
        failed += twins is None
        if twins:
            compared += twins.compared
            seen += twins.seen
    print(f"# seeds {seed} to {seed + count - 1}: {compared} states compared, {failed} differ")
    print("# seen: " + ", ".join(f"{k} {n}" for k, n in sorted(seen.items())))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
