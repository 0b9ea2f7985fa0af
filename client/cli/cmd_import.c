#include "client/cli/cli.h"
const struct verb VERBS_IMPORT[] = {{0}};
