#include "lib/config/internal.h"

#include <string.h>
#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/process.h"

enum { SECRET_BYTES_MAX = 64 * 1024, COMMAND_TIMEOUT_MS = 30 * 1000 };

/* Cuts one newline off and hands the text over. */
static bool finish(struct str *text, char **ret, struct error *err)
{
    if (memchr(text->ptr, '\0', text->len))
        return error_set(err, ERR_CONFIG, "there is a NUL byte in it");
    if (text->len && text->ptr[text->len - 1] == '\n')
        str_cut(text, text->len - 1);
    if (text->len && text->ptr[text->len - 1] == '\r')
        str_cut(text, text->len - 1);
    if (!text->len)
        return error_set(err, ERR_CONFIG, "it is empty");
    *ret = str_take(text);
    return true;
}

/* No trace of a secret stays in freed memory. */
static void forget(struct str *text)
{
    explicit_bzero(text->ptr, text->cap);
    str_free(text);
}

bool secret_read_file(const char *path, char **ret, struct error *err)
{
    struct str text = STR_INIT;
    struct stat st;
    bool ok = file_read(path, SECRET_BYTES_MAX, &text, err) &&
              (finish(&text, ret, err) || error_wrap(err, "cannot use '%s'", path));
    forget(&text);
    if (ok && stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & (S_IRGRP | S_IROTH)))
        log_warn("'%s' holds a secret and can be read by %s (mode %04o); chmod 600 would keep it",
                 path, st.st_mode & S_IROTH ? "everyone" : "its group", st.st_mode & 07777u);
    return ok;
}

bool secret_run(const struct strlist *argv, char **ret, struct error *err)
{
    AUTO(mem_free) const char **args = xcalloc(argv->len + 1, sizeof *args);
    for (size_t i = 0; i < argv->len; i++)
        args[i] = argv->ptr[i];
    if (!args[0] || !*args[0])
        return error_set(err, ERR_CONFIG, "names no program");
    struct str text = STR_INIT;
    bool ok = process_capture(args, NULL, COMMAND_TIMEOUT_MS, SECRET_BYTES_MAX, &text, NULL, err) &&
              (finish(&text, ret, err) || error_wrap(err, "cannot use what '%s' printed", args[0]));
    forget(&text);
    return ok;
}
