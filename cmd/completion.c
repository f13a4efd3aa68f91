/* cmd/completion.c: dbops completion */
#include <stdio.h>

#include "cmd/app.h"
#include "cmd/commands.h"

/* Each script only asks the program itself (`dbops __complete`), so it never grows stale. */
static const struct {
    const char *shell;
    const char *script;
} scripts[] = {
    {"bash", "_dbops() {\n"
             "    local IFS=$'\\n'\n"
             "    COMPREPLY=($(\"$1\" __complete -- \"${COMP_WORDS[@]:1:COMP_CWORD}\" "
             "2>/dev/null | cut -f1))\n"
             "}\n"
             "complete -o default -o nosort -F _dbops dbops\n"},
    {"zsh", "#compdef dbops\n"
            "_dbops() {\n"
            "    local -a found\n"
            "    local word text\n"
            "    while IFS=$'\\t' read -r word text; do\n"
            "        found+=(\"${word//:/\\\\:}:$text\")\n"
            "    done < <(\"${words[1]}\" __complete -- \"${(@)words[2,CURRENT]}\" 2>/dev/null)\n"
            "    if (( $#found )); then _describe dbops found; else _files; fi\n"
            "}\n"
            "if [ \"$funcstack[1]\" = _dbops ]; then _dbops; else compdef _dbops dbops; fi\n"},
    {"fish", "function __dbops_complete\n"
             "    set -l found (dbops __complete -- (commandline -opc)[2..-1] "
             "(commandline -ct) 2>/dev/null)\n"
             "    if test (count $found) -gt 0\n"
             "        printf '%s\\n' $found\n"
             "    else\n"
             "        __fish_complete_path (commandline -ct)\n"
             "    end\n"
             "end\n"
             "complete -c dbops -f -a '(__dbops_complete)'\n"},
};

static bool run(struct app *app, const void *raw, struct error *err)
{
    (void)raw;
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        if (str_equal(scripts[i].shell, app->argv[0])) {
            fputs(scripts[i].script, stdout);
            return true;
        }
    }
    error_set(err, ERR_USAGE, "there is no completion for '%s'", app->argv[0]);
    return error_hint(err, "the shells are bash, zsh and fish");
}

const struct command cmd_completion = {
    .name = "completion",
    .operands = "bash|zsh|fish",
    .summary = "print the completion script for bash, zsh or fish",
    .text = "Prints a script that completes commands, options, their choices and the names of "
            "targets.\n\nbash: source <(dbops completion bash)\n\nzsh: dbops completion zsh into "
            "a file _dbops in a folder of $fpath\n\nfish: dbops completion fish | source",
    .run = run,
};
