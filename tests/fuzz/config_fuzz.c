/* Any bytes as dbops.yaml: read, checked, shown and bound without a crash, a leak or a secret in a
 * message. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/str.h"
#include "lib/config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char secret[] = "hunter2-Zx9";

/* Binding runs commands and reads files; what the input names must do neither. */
static bool may_be_bound(const char *text)
{
    return !strcasestr(text, "_command") && !strcasestr(text, "_file");
}

/* A variable's value shows in no message; config show may show it, but never as a password. */
static void check_message(const struct error *err, bool has_secret)
{
    if (!has_secret && err->text && strstr(err->text, secret))
        abort();
}

static void check_rows(const struct value *rows)
{
    for (size_t i = 0; i < value_len(rows); i++) {
        const char *key = value_as_string(value_get(value_at(rows, i), "key"));
        const char *shown = value_as_string(value_get(value_at(rows, i), "value"));
        if (str_ends(key, ".password") && shown && !str_equal(shown, "***"))
            abort();
    }
}

static void use(struct config *c, bool bind, bool has_secret)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(value_free) struct value *rows = config_show(c, NULL, NULL, 0, &err);
    check_rows(rows);
    check_message(&err, has_secret);
    const struct strlist *names = config_target_names(c);
    for (size_t i = 0; bind && i < names->len; i++) {
        AUTO(error_free) struct error own = ERROR_INIT;
        const struct config_target *t = config_target(c, names->ptr[i], NULL, 0, &own);
        if (!t == error_ok(&own))
            abort();
        check_message(&own, has_secret);
    }
}

/* Includes would read files that the input names. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    static char path[32];
    AUTO(str_free) struct str text = STR_INIT;
    str_addn(&text, (const char *)data, size);
    if (fd < 0) {
        fd = memfd_create("dbops.yaml", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        setenv("SECRET", secret, 1);
        setenv("PORT", "5432", 1);
        setenv("EMPTY", "", 1);
        unsetenv("NONE");
    }
    if (strstr(text.ptr, "include") || ftruncate(fd, 0) ||
        pwrite(fd, data, size, 0) != (ssize_t)size)
        return -1;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(config_free) struct config *c = config_load(path, &err);
    if (!c == error_ok(&err))
        abort();
    if (c)
        use(c, may_be_bound(text.ptr), strstr(text.ptr, secret));
    return 0;
}
