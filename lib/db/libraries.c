#include "lib/db/libraries.h"

#include <libpq-fe.h>
#include <mysql.h>

void db_libraries(struct value *map)
{
    int number = PQlibVersion(); /* 150018 is 15.18 */
    AUTO(mem_free) char *version = xasprintf("%d.%d", number / 10000, number % 10000);
    value_set(map, "libpq", value_string(version));
    value_set(map, "libmysqlclient", value_string(mysql_get_client_info()));
}
