/* For cppcheck only, which cannot read statement expressions and does not see jansson's headers. */
#ifndef DBOPS_TESTS_LINT_CPPCHECK_H
#define DBOPS_TESTS_LINT_CPPCHECK_H

#include "lib/base/mem.h"
#include "lib/base/vec.h"

#undef TAKE
#define TAKE(ptr) (ptr)
#undef vec_add
#define vec_add(vec)                                                                               \
    ((vec)->ptr = vec_grow_((vec)->ptr, (vec)->len, &(vec)->cap, sizeof *(vec)->ptr),              \
     &(vec)->ptr[(vec)->len++])
#define json_object_foreach(object, key, value)                                                    \
    for ((key) = json_object_iter_key(object); ((value) = json_object_get(object, key));)
#define json_array_foreach(array, i, value)                                                        \
    for ((i) = 0; ((value) = json_array_get(array, i)); (i)++)

#endif
