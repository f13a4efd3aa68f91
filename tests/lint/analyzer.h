/* For clang-tidy only, which sees one file at a time: these three always give false. */
#ifndef DBOPS_TESTS_LINT_ANALYZER_H
#define DBOPS_TESTS_LINT_ANALYZER_H

#include "lib/base/error.h"

#define error_set(...)  (error_set(__VA_ARGS__), false)
#define error_wrap(...) (error_wrap(__VA_ARGS__), false)
#define error_hint(...) (error_hint(__VA_ARGS__), false)

#endif
