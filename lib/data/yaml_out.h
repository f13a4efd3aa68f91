/* YAML out (libyaml's emitter); reading with positions is lib/data/yaml.h. */
#ifndef DBOPS_DATA_YAML_OUT_H
#define DBOPS_DATA_YAML_OUT_H

#include <stdio.h>

#include "lib/base/error.h"
#include "lib/data/value.h"

/* Writes v as one YAML document. Strings that YAML would read as another type are quoted. */
bool yaml_write(const struct value *v, FILE *out, struct error *err) MUST_CHECK;

#endif
