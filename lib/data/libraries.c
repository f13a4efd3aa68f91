#include "lib/data/libraries.h"

#include <jansson.h>
#include <libsmartcols.h>
#include <yaml.h>

void data_libraries(struct value *map)
{
    const char *smartcols = NULL;
    scols_get_library_version(&smartcols);
    value_set(map, "jansson", value_string(jansson_version_str()));
    value_set(map, "libyaml", value_string(yaml_get_version_string()));
    value_set(map, "libsmartcols", value_string(smartcols));
}
