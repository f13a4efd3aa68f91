#include "lib/data/table.h"

#include <errno.h>
#include <libsmartcols.h>
#include <string.h>
#include <wchar.h>

#include "lib/base/str.h"
#include "lib/base/vec.h"

enum { NARROWEST = 4 }; /* a column is not cut below this */

/* The width of the character at *p, which is moved on; -1 for what must not reach a terminal. */
static int next_width(const char **p, mbstate_t *state)
{
    if (**p >= ' ' && **p <= '~') {
        (*p)++;
        return 1;
    }
    wchar_t c;
    size_t len = mbrtowc(&c, *p, strlen(*p), state);
    if (len == (size_t)-1 || len == (size_t)-2) {
        *state = (mbstate_t){0};
        (*p)++;
        return -1;
    }
    *p += len;
    return wcwidth(c);
}

/* Control characters and bytes of no character as "\x1b". */
static char *escaped(const char *text)
{
    AUTO(str_free) struct str out = STR_INIT;
    mbstate_t state = {0};
    const char *rest = text; /* not in out yet */
    for (const char *p = text; *p;) {
        const char *start = p;
        if (next_width(&p, &state) >= 0)
            continue;
        str_addn(&out, rest, (size_t)(start - rest));
        for (; start < p; start++)
            str_addf(&out, "\\x%02x", (unsigned char)*start);
        rest = p;
    }
    str_add(&out, rest);
    return str_take(&out);
}

static size_t display_width(const char *text)
{
    size_t width = 0;
    mbstate_t state = {0};
    while (*text) {
        int w = next_width(&text, &state);
        width += w > 0 ? (size_t)w : 0;
    }
    return width;
}

/* Cuts text to width columns, the last of them "…". */
static void cut(char **text, size_t width)
{
    if (display_width(*text) <= width)
        return;
    AUTO(str_free) struct str out = STR_INIT;
    mbstate_t state = {0};
    size_t used = 0;
    for (const char *p = *text; *p;) {
        const char *start = p;
        int w = next_width(&p, &state);
        used += w > 0 ? (size_t)w : 0;
        if (used + 1 > width)
            break;
        str_addn(&out, start, (size_t)(p - start));
    }
    str_add(&out, "…");
    mem_free(*text);
    *text = str_take(&out);
}

struct grid {
    const struct table_column *columns;
    size_t n, lines;
    char **cells;   /* line by line, the heading first */
    size_t *widths; /* of the widest cell of each column */
};

static void grid_free(struct grid *g)
{
    for (size_t i = 0; i < g->n * g->lines; i++)
        mem_free(g->cells[i]);
    mem_free(g->cells);
    mem_free(g->widths);
}
AUTO_VALUE(grid_free, struct grid)

static void grid_fill(struct grid *g, const struct value *rows)
{
    g->cells = xcalloc(g->n * g->lines, sizeof *g->cells);
    g->widths = xcalloc(g->n, sizeof *g->widths);
    for (size_t i = 0; i < g->n * g->lines; i++) {
        size_t line = i / g->n, column = i % g->n;
        const struct value *row = line ? value_at(rows, line - 1) : NULL;
        AUTO(mem_free)
        char *text = row ? value_text(value_get(row, g->columns[column].key))
                         : xstrdup(g->columns[column].title);
        g->cells[i] = escaped(text);
        size_t width = display_width(g->cells[i]);
        if (width > g->widths[column])
            g->widths[column] = width;
    }
}

/* The widest column that may still lose width: among those marked first, then among the others
 * that hold no numbers. */
static size_t widest(const struct grid *g, bool shrink)
{
    size_t found = g->n;
    for (size_t i = 0; i < g->n; i++) {
        bool may = shrink ? g->columns[i].shrink : !g->columns[i].right;
        if (may && g->widths[i] > NARROWEST && (found == g->n || g->widths[i] > g->widths[found]))
            found = i;
    }
    return found;
}

static void grid_fit(struct grid *g, size_t width)
{
    size_t total = g->n - 1; /* one blank between columns */
    for (size_t i = 0; i < g->n; i++)
        total += g->widths[i];
    for (; total > width; total--) {
        size_t column = widest(g, true);
        if (column == g->n)
            column = widest(g, false);
        if (column == g->n)
            break;
        g->widths[column]--;
    }
    for (size_t i = 0; i < g->n * g->lines; i++)
        cut(&g->cells[i], g->widths[i % g->n]);
}

static bool grid_print(const struct grid *g, FILE *out)
{
    struct libscols_table *table = scols_new_table();
    bool ok = table && scols_table_set_stream(table, out) == 0 &&
              scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER) == 0 &&
              scols_table_enable_noencoding(table, 1) == 0;
    for (size_t i = 0; ok && i < g->n; i++)
        ok = scols_table_new_column(table, g->cells[i], 0,
                                    g->columns[i].right ? SCOLS_FL_RIGHT : 0) != NULL;
    for (size_t i = g->n; ok && i < g->n * g->lines; i += g->n) {
        struct libscols_line *line = scols_table_new_line(table, NULL);
        for (size_t k = 0; line && k < g->n; k++)
            scols_line_set_data(line, k, g->cells[i + k]);
        ok = line != NULL;
    }
    ok = ok && scols_print_table(table) == 0 && !ferror(out);
    scols_unref_table(table);
    return ok;
}

bool table_write(const struct value *rows, const struct table_column columns[], size_t n,
                 size_t width, FILE *out, struct error *err)
{
    AUTO(grid_free) struct grid g = {.columns = columns, .n = n, .lines = value_len(rows) + 1};
    grid_fill(&g, rows);
    if (width)
        grid_fit(&g, width);
    errno = 0;
    return grid_print(&g, out) ||
           error_set(err, ERR_IO, "cannot write the table: %s", strerror(errno ? errno : EIO));
}
