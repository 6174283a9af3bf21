#include "examples/widget/call.h"

#include <gio/gio.h>

struct call {
	call_done_fn *on_done;
	void *context;
};

static void done(struct call *call, const char *complaint)
{
	call->on_done(call->context, complaint);
	g_free(call);
}

static void on_ended(GObject *source, GAsyncResult *result, void *data)
{
	GSubprocess *process = G_SUBPROCESS(source);
	GError *error = NULL;
	char *said = NULL;
	g_subprocess_communicate_utf8_finish(process, result, NULL, &said, &error);
	if (said)
		g_strstrip(said);
	if (error)
		done(data, error->message);
	else if (g_subprocess_get_successful(process))
		done(data, NULL);
	else
		done(data, said && *said ? said : "“lockstep” failed and did not say why");
	g_free(said);
	g_clear_error(&error);
}

void call_lockstep(
	const char *program, const char *verb, const char *id, call_done_fn *on_done, void *context)
{
	struct call *call = g_new0(struct call, 1);
	call->on_done = on_done;
	call->context = context;
	GError *error = NULL;
	GSubprocess *process =
		g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error,
			program, verb, id, NULL);
	if (process) {
		g_subprocess_communicate_utf8_async(process, NULL, NULL, on_ended, call);
		g_object_unref(process);
	} else {
		done(call, error->message);
		g_error_free(error);
	}
}
