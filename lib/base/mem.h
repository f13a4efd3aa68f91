/* Memory: allocators that end the program when there is none, and ownership by scope. */
#ifndef DBOPS_BASE_MEM_H
#define DBOPS_BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUST_CHECK             __attribute__((warn_unused_result))
#define UNUSED                 __attribute__((unused))
#define ARRAY_LEN(a)           (sizeof(a) / sizeof((a)[0]))

/*
 * AUTO(thing_free) before a declaration frees the object at the end of its scope. The header that
 * declares thing_free says once which form it takes: AUTO_POINTER for `void thing_free(struct
 * thing *)` on a heap object, AUTO_VALUE for the same signature on a struct in place.
 */
#define AUTO(fn) __attribute__((cleanup(fn##_auto)))
#define AUTO_POINTER(fn, type)                                                                     \
    static inline void fn##_auto(type **at)                                                        \
    {                                                                                              \
        fn(*at);                                                                                   \
    }
#define AUTO_VALUE(fn, type)                                                                       \
    static inline void fn##_auto(type *at)                                                         \
    {                                                                                              \
        fn(at);                                                                                    \
    }

/* Hands the pointer over: the variable is NULL afterwards, so that AUTO frees nothing. */
#define TAKE(ptr)                                                                                  \
    __extension__({                                                                                \
        __typeof__(ptr) taken_ = (ptr);                                                            \
        (ptr) = NULL;                                                                              \
        taken_;                                                                                    \
    })

/* Each ends the program with a message when memory is exhausted; a size of 0 gives 1 byte. */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *ptr, size_t count, size_t size);
char *xstrdup(const char *s);            /* NULL gives NULL */
char *xstrndup(const char *s, size_t n); /* at most n bytes, always ended */
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2);
char *xvasprintf(const char *fmt, va_list ap) PRINTF_LIKE(1, 0);

/* free() in the form that AUTO wants: AUTO(mem_free) char *s = xstrdup("…"); */
void mem_free(void *ptr);
static inline void mem_free_auto(void *at)
{
    mem_free(*(void **)at);
}

#endif
