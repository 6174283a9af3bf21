/* The server: reads its options, puts it together, runs it until it is asked to end. Knows what a running
 * server consists of; what each part does stands there. */
#ifndef LOCKSTEP_SERVER_SERVE_H
#define LOCKSTEP_SERVER_SERVE_H

/* `lockstepd [options]`, also --help, --version and --check. Returns the exit code. */
int serve_run(int argc, char *const *argv);
/* What --help prints. */
void serve_print_help(void);

#endif
