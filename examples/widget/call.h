/* Runs one `lockstep VERB ID`. Knows processes; knows neither sessions nor windows. */
#ifndef LOCKSTEP_WIDGET_CALL_H
#define LOCKSTEP_WIDGET_CALL_H

/* How it ended: NULL when well, else what it said on standard error, or why it could not be run. */
typedef void call_done_fn(void *context, const char *complaint);

/* Answers once, from the main loop, to a `context` that has to live until then. */
void call_lockstep(
	const char *program, const char *verb, const char *id, call_done_fn *on_done, void *context);

#endif
