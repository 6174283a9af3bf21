#include "examples/widget/feed.h"

#include <gio/gio.h>
#include <signal.h>
#include <stdbool.h>

#define FIRST_PAUSE_S 1
#define LAST_PAUSE_S  60

struct stream {
	struct feed *feed;
	GDataInputStream *lines;
	void (*take)(struct feed *feed, char *line); /* which is its own now */
};

struct feed {
	const char *program;
	feed_line_fn *on_line;
	feed_end_fn *on_end;
	void *context;
	GSubprocess *process;
	GCancellable *cancellable; /* of all that is read */
	struct stream out, err;
	unsigned open; /* streams of the process that have not ended */
	char *last_words;
	guint pause_s, restart; /* restart: the source that waits for it, or 0 */
};

static void run(struct feed *feed);

static gboolean on_pause_over(void *data)
{
	struct feed *feed = data;
	feed->restart = 0;
	run(feed);
	return G_SOURCE_REMOVE;
}

static void ended(struct feed *feed, const char *why)
{
	g_clear_object(&feed->process);
	g_clear_object(&feed->out.lines);
	g_clear_object(&feed->err.lines);
	feed->restart = g_timeout_add_seconds(feed->pause_s, on_pause_over, feed);
	feed->pause_s = MIN(2 * feed->pause_s, LAST_PAUSE_S);
	feed->on_end(feed->context, why);
}

static void take_line(struct feed *feed, char *line)
{
	feed->pause_s = FIRST_PAUSE_S;
	feed->on_line(feed->context, line);
	g_free(line);
}

static void take_words(struct feed *feed, char *line)
{
	g_free(feed->last_words);
	feed->last_words = line;
}

static void on_read(GObject *source, GAsyncResult *result, void *data);

static void read_next(struct stream *stream)
{
	g_data_input_stream_read_line_async(
		stream->lines, G_PRIORITY_DEFAULT, stream->feed->cancellable, on_read, stream);
}

static void on_read(GObject *source, GAsyncResult *result, void *data)
{
	GError *error = NULL;
	char *line =
		g_data_input_stream_read_line_finish_utf8(G_DATA_INPUT_STREAM(source), result, NULL, &error);
	bool cancelled = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	/* What is no UTF-8 is passed over; a pipe has no other errors to recover from. */
	bool skipped = error && error->domain == G_CONVERT_ERROR;
	g_clear_error(&error);
	if (cancelled)
		return; /* the feed is gone */
	struct stream *stream = data;
	struct feed *feed = stream->feed;
	if (line)
		stream->take(feed, line);
	if (line || skipped)
		read_next(stream);
	else if (--feed->open == 0)
		ended(feed, feed->last_words ? feed->last_words : "“lockstep watch” ended");
}

static void open_stream(struct feed *feed, struct stream *stream, GInputStream *pipe)
{
	stream->lines = g_data_input_stream_new(pipe);
	feed->open++;
	read_next(stream);
}

static void run(struct feed *feed)
{
	GError *error = NULL;
	feed->process = g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
		&error, feed->program, "watch", "--format", "json", NULL);
	g_clear_pointer(&feed->last_words, g_free);
	if (feed->process) {
		open_stream(feed, &feed->out, g_subprocess_get_stdout_pipe(feed->process));
		open_stream(feed, &feed->err, g_subprocess_get_stderr_pipe(feed->process));
	} else {
		ended(feed, error->message);
		g_error_free(error);
	}
}

struct feed *feed_create(const char *program, feed_line_fn *on_line, feed_end_fn *on_end, void *context)
{
	struct feed *feed = g_new0(struct feed, 1);
	feed->program = program;
	feed->on_line = on_line;
	feed->on_end = on_end;
	feed->context = context;
	feed->cancellable = g_cancellable_new();
	feed->out = (struct stream){.feed = feed, .take = take_line};
	feed->err = (struct stream){.feed = feed, .take = take_words};
	feed->pause_s = FIRST_PAUSE_S;
	run(feed);
	return feed;
}

void feed_destroy(struct feed *feed)
{
	if (!feed)
		return;
	g_cancellable_cancel(feed->cancellable);
	if (feed->process)
		g_subprocess_send_signal(feed->process, SIGTERM);
	if (feed->restart)
		g_source_remove(feed->restart);
	g_clear_object(&feed->process);
	g_clear_object(&feed->out.lines);
	g_clear_object(&feed->err.lines);
	g_object_unref(feed->cancellable);
	g_free(feed->last_words);
	g_free(feed);
}
