#include "server/serve.h"

#include "server/check.h"
#include "server/clock.h"
#include "server/control.h"
#include "server/identity.h"
#include "server/keyring.h"
#include "server/loop.h"
#include "server/metrics.h"
#include "server/options_show.h"
#include "server/page.h"
#include "server/privileges.h"
#include "server/quota.h"
#include "server/systemd.h"
#include "server/tool.h"
#include "store/store.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WHY_BYTES = 256 };

extern char **environ;

/* All that a running server owns; zero is "not yet". */
struct server {
	struct options *options;
	int argc;
	char *const *argv;
	struct service service;
	struct local *local;
	struct auth *auth;
	struct page *page;
	struct engine *engine;
	struct loop *loop;
	struct systemd_sockets passed;
};

static enum err open_local(struct server *server, char ret_why[WHY_BYTES])
{
	struct refusal why = {0};
	enum err err = local_open(server->options->db, &server->local, &why);
	if (!err)
		err = local_register(server->local, server->auth, &why);
	if (err)
		snprintf(ret_why, WHY_BYTES, "%s", why.message);
	server->service.local = server->local;
	return err;
}

/* Keys that are wrong in the configuration are ERR_BAD_REQUEST. */
static enum err open_issuers(struct server *server, char ret_why[WHY_BYTES])
{
	const struct options *options = server->options;
	struct service *service = &server->service;
	enum err err = options->local_issuer ? open_local(server, ret_why) : OK;
	if (!err)
		err = keyring_create(service->ev, server->auth, options, &service->keyring, ret_why);
	if (err)
		return err;
	if (!options->local_issuer && !options->issuer_count)
		log_warn("no issuer is configured: only tokens of devices are believed");
	keyring_on_news(service->keyring, identities_news, service->identities);
	return OK;
}

static enum err open_engine(struct server *server, char ret_why[WHY_BYTES])
{
	const struct options *options = server->options;
	struct engine_options wanted = {
		.db = options->db,
		.record = options->record,
		.limits =
			{
				.max_timers = options->max_timers,
				.max_groups = options->max_groups,
				.max_plans = options->max_plans,
				.max_tasks = options->max_tasks,
				.max_problems = options->max_problems,
				.max_replay_events = options->max_replay_events,
				.max_replay_bytes = options->max_replay_bytes,
				.keep_events_days = options->keep_events_days,
			},
		.metrics = server->service.metrics,
		.wake = loop_wake,
		.context = server->loop,
	};
	enum err err = engine_create(&wanted, &server->engine, ret_why);
	server->service.engine = server->engine;
	return err;
}

/* Serving people needs none: without it only who runs the server goes without. */
static void open_control(struct server *server)
{
	char path[PATH_MAX], why[WHY_BYTES];
	enum err err = store_beside(server->options->db, CONTROL_SUFFIX, path, why);
	if (!err)
		err = loop_listen_control(server->loop, path, why);
	if (err)
		log_warn("nothing can be asked of this server from beside it: %s", why);
}

/* Where the page lies unless --web says: build/release/lockstepd has it in build/web, PREFIX/bin/lockstepd in
 * PREFIX/share/lockstep/web. Empty when the program doesn't know where it is. */
static void find_web(char ret[PATH_MAX])
{
	char path[PATH_MAX] = "";
	*ret = '\0';
	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		return;
	char *slash = strrchr(path, '/');
	if (!slash)
		return;
	*slash = '\0';
	char *folder = strrchr(path, '/');
	if (!folder)
		return;
	*folder++ = '\0';
	bool installed = strcmp(folder, "bin") == 0 || strcmp(folder, "sbin") == 0;
	int len = snprintf(ret, PATH_MAX, "%s/%s", path, installed ? "share/lockstep/web" : "web");
	if (len >= PATH_MAX)
		*ret = '\0';
}

/* A page that was asked for must be there; the usual one need not have been built. */
static enum err open_page(struct server *server, char ret_why[WHY_BYTES])
{
	char usual[PATH_MAX];
	find_web(usual);
	const char *dir = server->options->web ? server->options->web : usual;
	enum err err = page_create(dir, &server->page, ret_why);
	if (err == ERR_NOT_FOUND && !server->options->web) {
		log_warn("no page is built at %s", dir);
		err = OK;
	}
	server->service.page = server->page;
	return err;
}

static void log_change(void *context, const struct option_change *change)
{
	(void)context;
	log_info("%s: %s -> %s; %s", change->name, change->before, change->after,
		change->live ? "takes effect now" : "needs a restart");
}

/* SIGHUP. What threads and sockets were made from stays as it was, and is told of again until a restart. */
static void reload(void *context)
{
	struct server *server = context;
	struct options fresh;
	char why[WHY_BYTES];
	if (options_read(server->argc, server->argv, environ, &fresh, why)) {
		log_error("the new configuration is refused, the old one stays: %s", why);
		return;
	}
	if (options_compare(server->options, &fresh, log_change, NULL) == 0)
		log_info("the configuration is as it was");
	options_reload(server->options, &fresh);
	log_init(server->options->log_level, server->options->log_json);
	identities_forget(server->service.identities);
	keyring_reload(server->service.keyring);
	options_finish(&fresh);
}

/* For whoever sits at the terminal; the log is for machines, and must not have the token. */
static void greet(const struct server *server)
{
	const struct options *options = server->options;
	const char *address = options->listen.items[0];
	if (!options->dev || server->passed.count || strncmp(address, "unix:", 5) == 0)
		return;
	const char *s = options->tls_cert ? "s" : "";
	printf("\nLockstep for development: http%s://%s\n\n", s, address);
	printf("A terminal that speaks with it:\n"
	       "  wscat -c ws%s://%s/v1/ws -s lockstep.v1 \\\n"
	       "    -H \"Authorization: Bearer $(%s token --db %s --user me)\"\n\n",
		s, address, server->argv[0], options->db);
	fflush(stdout);
}

/* Binds as root if need be, and opens the files as who it is to be. Nobody is accepted before all is there: a
 * second server on the same database ends before it is seen. Exit code 0, or another with *ret_why. */
static int start(struct server *server, char ret_why[WHY_BYTES])
{
	struct service *service = &server->service;
	service->options = server->options;
	service->passed = &server->passed;
	if (systemd_take_sockets(&server->passed, ret_why))
		return EXIT_CONFIG;
	service->registry = registry_create();
	service->wheel = wheel_create(clock_monotonic_ms());
	service->quota = quota_create();
	service->metrics = metrics_create(clock_wall_ms());
	service->identities = identities_create(service);
	service->auth = server->auth = auth_create();
	enum err err = loop_create(service, &server->loop, ret_why);
	if (!err)
		err = privileges_drop(server->options->user, ret_why);
	if (err)
		return err == ERR_BAD_REQUEST ? EXIT_CONFIG : EXIT_RUNTIME;
	loop_on_reload(server->loop, reload, server);
	err = open_page(server, ret_why);
	if (err)
		return EXIT_CONFIG;
	err = open_issuers(server, ret_why);
	if (err)
		return err == ERR_BAD_REQUEST ? EXIT_CONFIG : EXIT_RUNTIME;
	if (open_engine(server, ret_why))
		return EXIT_RUNTIME;
	open_control(server);
	return EXIT_SUCCESS;
}

static void stop(struct server *server)
{
	engine_destroy(server->engine);
	keyring_destroy(server->service.keyring);
	loop_destroy(server->loop);
	registry_destroy(server->service.registry);
	wheel_destroy(server->service.wheel);
	identities_destroy(server->service.identities);
	quota_destroy(server->service.quota);
	metrics_destroy(server->service.metrics);
	page_destroy(server->page);
	auth_destroy(server->auth);
	local_destroy(server->local);
}

static int serve(struct options *options, int argc, char *const *argv)
{
	struct server server = {.options = options, .argc = argc, .argv = argv};
	char why[WHY_BYTES] = "";
	log_init(options->log_level, options->log_json);
	log_info("lockstepd %s", LOCKSTEP_VERSION);
	int exit_code = start(&server, why);
	if (exit_code) {
		log_error("%s", why);
	} else {
		greet(&server);
		exit_code = loop_run(server.loop);
	}
	stop(&server);
	return exit_code;
}

void serve_print_help(void)
{
	printf("usage: lockstepd [options]\n");
	tool_print_usages(stdout);
	printf("\nServes timers that stay in step on every screen.\n\n");
	options_print_help(stdout);
	printf("\nEach option can also stand in the --config file (name = value) or in the environment\n"
	       "(LOCKSTEP_MAX_TIMERS for --max-timers; lists with commas). Flags override the environment,\n"
	       "the environment overrides the file.\n");
}

int serve_run(int argc, char *const *argv)
{
	struct options options;
	char why[WHY_BYTES];
	int exit_code = options_read(argc, argv, environ, &options, why);
	if (exit_code)
		return tool_complain(exit_code, why);
	if (options.help) {
		serve_print_help();
	} else if (options.version) {
		printf("lockstepd %s\n", LOCKSTEP_VERSION);
	} else if (options.check) {
		exit_code = check_run(&options);
	} else {
		exit_code = serve(&options, argc, argv);
	}
	options_finish(&options);
	return exit_code;
}
