"""Random scripts for twins.py: files come, change and go, and the programs take turns."""


class Script:
    def __init__(self, rng, postgres, skips):
        self.rng, self.postgres, self.skips = rng, postgres, skips
        self.files, self.options, self.next_version, self.serial = {}, {}, 1, 0

    def sql(self):
        """One statement that works however often and in whatever order the files run."""
        self.serial += 1
        return self.rng.choice((f"select {self.serial};",
                                f"create table if not exists t{self.serial} (i int);",
                                f"-- {self.serial}\\nselect 'two';\\nselect 'lines';",
                                f"-- only a comment, {self.serial}"))

    def write(self, path, text):
        self.files[path] = text
        return f"file {path} {text}"

    def new_version(self):
        """Mostly the next one, now and then one below those there."""
        number = self.next_version
        if self.rng.random() < 0.3:
            number = self.rng.randint(1, self.next_version)
            suffix = f"_{self.serial + 1}"
        else:
            self.next_version += 1
            suffix = self.rng.choice(("", "", "", ".0", "_1"))
        folder = self.rng.choice(("", "", "", "more/"))
        return self.write(f"{folder}V{number}{suffix}__step_{self.serial + 1}.sql", self.sql())

    def new_repeatable(self):
        text = self.sql()
        if self.rng.random() < 0.4:
            text = f"-- ${{word}} ${{flyway:table}}\\n{text}"
        return self.write(f"R__view_{self.rng.randint(1, 3)}.sql", text)

    def new_baseline(self):
        number = self.rng.randint(1, self.next_version)
        if any(f.startswith(f"B{number}__") for f in self.files):
            return self.new_version()
        return self.write(f"B{number}__all_up_to_{number}.sql", self.sql())

    def broken(self):
        self.serial += 1
        self.next_version += 1
        return self.write(f"V{self.next_version - 1}__broken_{self.serial}.sql",
                          f"create table if not exists b{self.serial} (i int);\\n"
                          "insert into nowhere_at_all values (1);")

    def edit(self):
        if not self.files:
            return self.new_version()
        path = self.rng.choice(sorted(self.files))
        text = self.sql()
        if path.startswith("R") and self.rng.random() < 0.3:
            text = "-- ${word}\\n" + text
        return self.write(path, text)

    def remove(self):
        if not self.files:
            return self.new_version()
        path = self.rng.choice(sorted(self.files))
        del self.files[path]
        return f"remove {path}"

    def rename(self):
        """The same version under another description."""
        versioned = sorted(f for f in self.files if f[0] == "V")
        if not versioned:
            return self.new_version()
        self.serial += 1
        old = self.rng.choice(versioned)
        new = old.split("__")[0] + f"__other_{self.serial}.sql"
        self.files[new] = self.files.pop(old)
        return f"rename {old} {new}"

    def option(self):
        """One of the options that decide about states, changed or taken back."""
        choices = (
            ("target", ("latest", "current", "next", f"{max(1, self.next_version // 2)}?", "99?")),
            ("out_of_order", ("true", "false", "true")),
            ("ignore_patterns", ("*:missing", "*:ignored,*:future", "versioned:missing",
                                 "repeatable:*", "*:pending,*:missing,*:ignored", "*:future")),
            ("placeholders.word", ("other", "third", "first")),
            ("validate_on_migrate", ("false", "true")),
        )
        if self.skips:
            choices += (("skip_executing", ("false", "true")),)
        if self.postgres:  # elsewhere Flyway forgets what a group did before it failed
            choices += (("group", ("true", "false")),)
        key, values = self.rng.choice(choices)
        if key in self.options and key != "placeholders.word" and self.rng.random() < 0.5:
            del self.options[key]
            return f"unset {key}"
        self.options[key] = self.rng.choice(values)
        return f"set {key} {self.options[key]}"


def random_script(rng, postgres, skips):
    """Yields some twenty lines, each of which fits those before it."""
    s = Script(rng, postgres, skips)
    yield "set placeholders.word first"
    if rng.random() < 0.2:
        yield "sql create table there_before (i int)"
        yield f"set baseline_version {rng.randint(1, 3)}"
        yield rng.choice(("baseline", "set baseline_on_migrate true"))
    if rng.random() < 0.4:
        s.options["out_of_order"] = "true"
        yield "set out_of_order true"
    for _ in range(rng.randint(1, 4)):
        yield s.new_version()
    actions = ((s.new_version, 5), (s.new_repeatable, 4), (s.new_baseline, 1), (s.broken, 1),
               (s.edit, 3), (s.remove, 3), (s.rename, 1), (s.option, 5), (lambda: "repair", 4),
               (lambda: "up", 9))
    for _ in range(rng.randint(12, 20)):
        yield rng.choices([a for a, _ in actions], [w for _, w in actions])[0]()
    yield "repair"
    yield "up"
