/* Completion: what may stand next on an unfinished command line. */
#ifndef DBOPS_CMD_COMPLETE_H
#define DBOPS_CMD_COMPLETE_H

struct app;

/* For option rows: names of targets and groups. One read of the configuration, no network. */
void complete_targets(struct app *app, const char *prefix);

#endif
