/* Keeps `lockstep watch --format json` running and hands on its lines. Knows processes; knows neither what a
 * line says nor who sees it. */
#ifndef LOCKSTEP_WIDGET_FEED_H
#define LOCKSTEP_WIDGET_FEED_H

struct feed;

/* A line without its end, and that it ended: in words for a person, with what it said last. Both from the
 * main loop. */
typedef void feed_line_fn(void *context, const char *line);
typedef void feed_end_fn(void *context, const char *why);

/* Runs `program` from now on, again after 1 s when it ends or can't be run, later after 2, 4 … 60 s.
 * `program` and `context` have to live as long as the feed. */
struct feed *feed_create(const char *program, feed_line_fn *on_line, feed_end_fn *on_end, void *context);
void feed_destroy(struct feed *feed);

#endif
