#include "lib/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/interrupt.h"
#include "lib/base/str.h"
#include "lib/base/terminal.h"

static struct {
    struct log_options options;
    const char *target;
    int file;     /* descriptor of --log-file, or -1 */
    bool journal; /* stderr is the systemd journal: each line begins with its priority */
    char run_id[17];
    char *status; /* the line at the foot of the terminal, or NULL */
} state = {.options = {.level = LOG_LEVEL_WARN}, .file = -1};

static volatile sig_atomic_t reopen;

static const struct {
    const char *name;     /* in JSON lines and files */
    const char *label;    /* after "dbops: " on stderr */
    const char *priority; /* for the journal */
    const char *color;
} levels[] = {
    [LOG_LEVEL_ERROR] = {"error", "", "<3>", "\033[1;31m"},
    [LOG_LEVEL_WARN] = {"warning", "warning: ", "<4>", "\033[1;33m"},
    [LOG_LEVEL_INFO] = {"info", "", "<6>", ""},
    [LOG_LEVEL_DEBUG] = {"debug", "debug: ", "<7>", "\033[2m"},
};

static void on_hangup(int number)
{
    (void)number;
    reopen = 1;
}

static bool open_file(struct error *err)
{
    int fd = open(state.options.file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640);
    if (fd < 0)
        return error_set(err, ERR_IO, "cannot open the log file '%s': %s", state.options.file,
                         strerror(errno));
    if (state.file >= 0)
        close(state.file);
    state.file = fd;
    return true;
}

static bool stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat st;
    if (!stream || fstat(STDERR_FILENO, &st) != 0)
        return false;
    AUTO(mem_free)
    char *self = xasprintf("%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    return str_equal(stream, self);
}

bool log_setup(const struct log_options *options, struct error *err)
{
    state.options = *options;
    state.journal = stderr_is_journal();
    if (!options->file)
        return true;
    if (!open_file(err))
        return false;
    struct sigaction action = {.sa_handler = on_hangup, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGHUP, &action, NULL);
    return true;
}

void log_target(const char *target)
{
    state.target = target;
}

enum log_level log_current_level(void)
{
    return state.options.level;
}

const char *log_run_id(void)
{
    if (!state.run_id[0]) {
        uint64_t id;
        if (getrandom(&id, sizeof id, GRND_NONBLOCK) != (ssize_t)sizeof id)
            id = (uint64_t)time(NULL) << 32 | (uint64_t)getpid();
        snprintf(state.run_id, sizeof state.run_id, "%016" PRIx64, id);
    }
    return state.run_id;
}

static void add_time(struct str *out)
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    str_addf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ", utc.tm_year + 1900, utc.tm_mon + 1,
             utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, now.tv_nsec / 1000000);
}

/* A server's words must not drive the terminal: control characters are shown, not sent. */
static void add_plain(struct str *out, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if ((*p < 0x20 && *p != '\n' && *p != '\t') || *p == 0x7f)
            str_addf(out, "\\x%02x", *p);
        else
            str_addc(out, (char)*p);
    }
}

static void add_json(struct str *out, const char *key, const char *text)
{
    AUTO(str_free) struct str clean = STR_INIT;
    str_add_utf8(&clean, text);
    str_addf(out, "%s\"%s\":\"", out->len > 1 ? "," : "", key);
    for (const unsigned char *p = (const unsigned char *)clean.ptr; *p; p++) {
        if (*p == '"' || *p == '\\')
            str_addf(out, "\\%c", *p);
        else if (*p == '\n')
            str_add(out, "\\n");
        else if (*p < 0x20 || *p == 0x7f)
            str_addf(out, "\\u%04x", *p);
        else
            str_addc(out, (char)*p);
    }
    str_addc(out, '"');
}

static void json_record(struct str *out, enum log_level level, const char *text,
                        const struct error *failure)
{
    AUTO(str_free) struct str now = STR_INIT;
    add_time(&now);
    str_addc(out, '{');
    add_json(out, "time", now.ptr);
    add_json(out, "level", levels[level].name);
    add_json(out, "run", log_run_id());
    if (state.options.command)
        add_json(out, "command", state.options.command);
    if (state.target)
        add_json(out, "target", state.target);
    add_json(out, "message", text);
    if (failure) {
        add_json(out, "kind", error_name(failure->kind));
        str_addf(out, ",\"exit\":%d,\"retriable\":%s", interrupt_exit_code(failure),
                 error_retriable(failure->kind) ? "true" : "false");
        if (failure->hint)
            add_json(out, "hint", failure->hint);
    }
    str_add(out, "}\n");
}

static void text_record(struct str *out, enum log_level level, const char *text,
                        const struct error *failure)
{
    const char *on = state.options.color ? levels[level].color : "";
    str_addf(out, "%sdbops: %s%s", on, levels[level].label, *on ? "\033[0m" : "");
    if (state.target && !failure)
        str_addf(out, "%s: ", state.target);
    add_plain(out, text);
    str_addc(out, '\n');
    if (failure && failure->hint) {
        str_add(out, "dbops: hint: ");
        add_plain(out, failure->hint);
        str_addc(out, '\n');
    }
}

/* In a file a line also says when, and in which run. */
static void file_record(struct str *out, enum log_level level, const char *text,
                        const struct error *failure)
{
    add_time(out);
    str_addf(out, " %s %s ", log_run_id(), levels[level].name);
    if (state.target)
        str_addf(out, "%s: ", state.target);
    add_plain(out, text);
    if (failure && failure->hint) {
        str_add(out, "\nhint: ");
        add_plain(out, failure->hint);
    }
    str_addc(out, '\n');
}

/* One write per record, so that the lines of several runs do not mix. A full disk or a closed
 * stderr must not stop the work. */
static void write_record(int fd, const struct str *record)
{
    size_t done = 0;
    while (done < record->len) {
        ssize_t n = write(fd, record->ptr + done, record->len - done);
        if (n < 0 && errno != EINTR)
            return;
        done += n > 0 ? (size_t)n : 0;
    }
}

/* One line that cannot wrap, since only one line can be rewritten; the last column stays free. */
static void add_status(struct str *out)
{
    AUTO(str_free) struct str plain = STR_INIT;
    size_t width = terminal_width(STDERR_FILENO), at = 0, end = 0;
    if (!state.status)
        return;
    add_plain(&plain, state.status);
    for (; plain.ptr[end]; end++) {
        at += ((unsigned char)plain.ptr[end] & 0xC0) != 0x80; /* begins a character */
        if (at == width)
            break;
    }
    str_addn(out, plain.ptr, end);
}

bool log_has_status(void)
{
    return state.options.format == LOG_TEXT && state.options.level >= LOG_LEVEL_INFO &&
           !state.journal && terminal_is(STDERR_FILENO) && !str_equal(getenv("TERM"), "dumb");
}

static const char clear_line[] = "\r\033[K";

void log_status(const char *text)
{
    AUTO(str_free) struct str line = STR_INIT;
    if (!text && !state.status)
        return;
    mem_free(state.status);
    state.status = xstrdup(text);
    str_add(&line, clear_line);
    add_status(&line);
    write_record(STDERR_FILENO, &line);
}

static void write_stderr(enum log_level level, const struct str *record)
{
    if (!state.journal && !state.status) {
        write_record(STDERR_FILENO, record);
        return;
    }
    if (state.status) {
        AUTO(str_free) struct str above = STR_INIT;
        str_addf(&above, "%s%s", clear_line, record->ptr);
        add_status(&above);
        write_record(STDERR_FILENO, &above);
        return;
    }
    AUTO(str_free) struct str marked = STR_INIT;
    for (const char *line = record->ptr; *line;) {
        size_t len = strcspn(line, "\n") + 1;
        str_add(&marked, levels[level].priority);
        str_addn(&marked, line, len);
        line += len;
    }
    write_record(STDERR_FILENO, &marked);
}

static void write_file(enum log_level level, const char *text, const struct error *failure)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(str_free) struct str record = STR_INIT;
    if (reopen) {
        reopen = 0;
        if (!open_file(&err)) {
            text_record(&record, LOG_LEVEL_WARN, err.text, NULL);
            write_stderr(LOG_LEVEL_WARN, &record);
            str_clear(&record);
        }
    }
    if (state.options.format == LOG_JSON)
        json_record(&record, level, text, failure);
    else
        file_record(&record, level, text, failure);
    write_record(state.file, &record);
}

static void emit(enum log_level level, const char *text, const struct error *failure)
{
    AUTO(str_free) struct str record = STR_INIT;
    int saved = errno;
    if (state.options.format == LOG_JSON)
        json_record(&record, level, text, failure);
    else
        text_record(&record, level, text, failure);
    write_stderr(level, &record);
    if (state.file >= 0)
        write_file(level, text, failure);
    errno = saved;
}

static void PRINTF_LIKE(2, 0) emit_va(enum log_level level, const char *fmt, va_list ap)
{
    if (level > state.options.level)
        return;
    AUTO(mem_free) char *text = xvasprintf(fmt, ap);
    emit(level, text, NULL);
}

void log_error(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    emit_va(LOG_LEVEL_ERROR, fmt, ap);
    va_end(ap);
}

void log_warn(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    emit_va(LOG_LEVEL_WARN, fmt, ap);
    va_end(ap);
}

void log_info(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    emit_va(LOG_LEVEL_INFO, fmt, ap);
    va_end(ap);
}

void log_debug(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    emit_va(LOG_LEVEL_DEBUG, fmt, ap);
    va_end(ap);
}

void log_failure(const struct error *err)
{
    emit(LOG_LEVEL_ERROR, err->text ? err->text : "no reason given", err);
}
