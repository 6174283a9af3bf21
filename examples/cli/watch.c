/* `lockstep watch`: a line whenever what it shows changes, for as long as somebody reads. */
#include "examples/cli/mirror.h"
#include "examples/cli/now.h"
#include "examples/cli/seconds.h"
#include "examples/cli/term.h"
#include "examples/cli/verbs.h"
#include "examples/cli/watch_format.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_S 2.

struct watch {
	struct mirror mirror;
	const struct watch_format *format;
	struct ev_timer tick;
	struct ev_io reader; /* gone? */
	struct ev_timer look;
	struct watch_view view;
	struct text printed;
};

/* There is nothing to be put in order, and a name that is being looked up would hold everything up. */
static void on_end_signal(int number)
{
	(void)number;
	_exit(CODE_OK);
}

static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_end_signal};
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

/* A pipe that nobody reads any more is told at once, and not with the next line. */
static void end_without_reader(int fd)
{
	struct pollfd reader = {.fd = fd};
	if (poll(&reader, 1, 0) > 0 && reader.revents & (POLLERR | POLLHUP | POLLNVAL))
		_exit(CODE_OK);
}

static void on_look(struct ev_loop *ev, struct ev_timer *timer, int events)
{
	(void)ev;
	(void)timer;
	(void)events;
	end_without_reader(STDOUT_FILENO);
}

static void on_reader(struct ev_loop *ev, struct ev_io *io, int events)
{
	struct watch *watch = io->data;
	(void)events;
	end_without_reader(io->fd);
	/* Somebody writes there, or never will: tmux closes that half of its socket at once. So the end has
	 * to be looked for. */
	ev_io_stop(ev, io);
	ev_timer_init(&watch->look, on_look, LOOK_S, LOOK_S);
	ev_timer_start(ev, &watch->look);
}

static void watch_reader(struct watch *watch)
{
	struct stat status;
	ev_io_init(&watch->reader, on_reader, STDOUT_FILENO, EV_READ);
	watch->reader.data = watch;
	if (fstat(STDOUT_FILENO, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode)))
		ev_io_start(watch->mirror.ev, &watch->reader);
}

static void print(struct watch *watch)
{
	TEXT_AUTO line = {0};
	watch->format->append(&line, &watch->view);
	text_append_string(&line, "\n");
	if (watch->printed.data && strcmp(line.data, watch->printed.data) == 0)
		return;
	term_print(&line);
	text_clear(&watch->printed);
	text_append(&watch->printed, line.data, line.len);
}

static void show(struct watch *watch)
{
	struct ev_loop *ev = watch->mirror.ev;
	watch->view.now_ms = mirror_now_ms(&watch->mirror);
	print(watch);
	ev_timer_stop(ev, &watch->tick);
	int64_t next_ms = watch_next_ms(watch->format, &watch->view);
	if (!next_ms)
		return;
	ev_now_update(ev);
	/* Clocks of milliseconds: one later, it is surely another second. */
	ev_timer_set(&watch->tick, (double)(next_ms - watch->view.now_ms + 1) / 1000., 0.);
	ev_timer_start(ev, &watch->tick);
}

static void on_tick(struct ev_loop *ev, struct ev_timer *timer, int events)
{
	(void)ev;
	(void)events;
	show(timer->data);
}

/* What is caught up on is shown when it all is there. */
static void on_changed(void *context)
{
	struct watch *watch = context;
	if (watch->view.phase == LINK_LIVE)
		show(watch);
}

static void on_phase(void *context, enum link_phase phase, const char *why)
{
	struct watch *watch = context;
	bool down = phase == LINK_OFFLINE || phase == LINK_REFUSED;
	bool was_down = watch->view.phase == LINK_OFFLINE || watch->view.phase == LINK_REFUSED;
	(void)why;
	/* Each attempt that fails says so again. */
	if (watch->printed.len && phase == watch->view.phase)
		return;
	if (down && !was_down) {
		int64_t ago_ms = now_boot_ms() - link_lost_ms(watch->mirror.link);
		watch->view.lost_ms = mirror_now_ms(&watch->mirror) - ago_ms;
		now_format_time(now_wall_ms() - ago_ms, watch->view.since);
	}
	watch->view.phase = phase;
	watch->view.why = watch->mirror.why;
	show(watch);
}

/* The first line that says something, and the code that goes with it. */
static enum code show_once(struct watch *watch, const struct args *args)
{
	int64_t timeout_ms;
	if (!seconds_of(args, &timeout_ms))
		return CODE_USAGE;
	enum code code = mirror_wait(&watch->mirror, timeout_ms);
	watch->view.phase = watch->mirror.phase;
	watch->view.why = watch->mirror.why;
	watch->view.now_ms = watch->view.lost_ms = mirror_now_ms(&watch->mirror);
	now_format_time(now_wall_ms(), watch->view.since);
	print(watch);
	return code;
}

static enum code run(struct watch *watch, const struct args *args, const struct config *config)
{
	static const struct mirror_hooks hooks = {on_changed, on_phase};
	bool once = args->values[ARG_ONCE];
	enum code code = mirror_open(&watch->mirror, config, once ? NULL : &hooks, watch);
	if (code)
		return code;
	watch->view.replica = &watch->mirror.replica;
	ev_timer_init(&watch->tick, on_tick, 0., 0.);
	watch->tick.data = watch;
	if (once) {
		code = show_once(watch, args);
	} else {
		watch_reader(watch);
		ev_run(watch->mirror.ev, 0);
	}
	mirror_close(&watch->mirror);
	text_finish(&watch->printed);
	return code;
}

enum code verb_watch(const struct args *args, const struct config *config)
{
	const char *format = args->values[ARG_FORMAT] ? args->values[ARG_FORMAT] : "plain";
	struct watch watch = {.format = watch_format_find(format)};
	if (!watch.format) {
		term_say("--format %s: there is none of that name; see: lockstep help watch", format);
		return CODE_USAGE;
	}
	catch_signals();
	return run(&watch, args, config);
}
