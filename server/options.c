#include "server/options_table.h"

#include "server/limiter.h"
#include "server/url.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <ini.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* What may stand behind the slash of a pair: a gigabyte is enough for all of them. */
#define PAIR_MAX (1024 * 1024 * 1024)

/* All sources, one after another. */
struct reader {
	struct options *options;
	enum option_source from;
	const char *source;           /* in front of what is wrong: "", "environment: " */
	bool began[OPTION_ROWS_MAX];  /* lists: the first item from here drops those of lower sources */
	struct issuer_reader issuers; /* of this source */
	bool local_issuer_told;       /* by any source */
	int exit_code;                /* 0 as long as all is good */
	char *why;                    /* 256 bytes */
};

static void begin_source(struct reader *reader, enum option_source from, const char *source)
{
	reader->from = from;
	reader->source = source;
	reader->issuers = (struct issuer_reader){0};
	memset(reader->began, 0, sizeof(reader->began));
}

static char *copy(const char *text)
{
	char *made = strdup(text);
	if (!made)
		abort();
	return made;
}

static void *member(struct options *options, size_t at)
{
	return (char *)options + at;
}

__attribute__((format(printf, 3, 4))) static void complain(
	struct reader *reader, int exit_code, const char *format, ...)
{
	va_list args;
	if (reader->exit_code)
		return; /* the first one is told */
	reader->exit_code = exit_code;
	int len = snprintf(reader->why, 256, "%s", reader->source);
	va_start(args, format);
	vsnprintf(reader->why + len, 256 - (size_t)len, format, args);
	va_end(args);
}

/* The names that options have where this was read begin so. */
static void complain_unknown(
	struct reader *reader, int exit_code, const char *what, const char *name, const char *begin)
{
	const char *nearest = option_nearest(name + strspn(name, "-"));
	if (nearest)
		complain(reader, exit_code, "%s%.60s; is it %s%s?", what, name, begin, nearest);
	else
		complain(reader, exit_code, "%s%.60s", what, name);
}

static void list_clear(struct option_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free((void *)list->items[i]);
	free((void *)list->items);
	*list = (struct option_list){0};
}

static void list_add(struct option_list *list, const char *text, size_t len)
{
	void *grown = realloc((void *)list->items, (list->count + 1) * sizeof(*list->items));
	char *item = strndup(text, len);
	if (!grown || !item)
		abort();
	list->items = grown;
	list->items[list->count++] = item;
}

/* Values. Each sets its member, or says what it must be. */

static bool parse_number(const char *text, int64_t min, int64_t max, const char **ret_end, int64_t *ret)
{
	char *end;
	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*ret = strtoll(text, &end, 10);
	*ret_end = end;
	return errno == 0 && *ret >= min && *ret <= max;
}

static void take_number(struct reader *reader, const struct option_row *row, const char *value)
{
	int64_t number;
	const char *end;
	if (!parse_number(value, row->min, row->max, &end, &number) || *end)
		complain(reader, EXIT_CONFIG, "%s must be a number from %" PRId64 " to %" PRId64, row->name,
			row->min, row->max);
	else
		*(int64_t *)member(reader->options, row->at) = number;
	if (row->at == OPTION_AT(max_sockets_address))
		reader->options->spares_loopback = false;
}

static void take_pair(struct reader *reader, const struct option_row *row, const char *value)
{
	int64_t first, second;
	const char *end;
	bool good = parse_number(value, row->min, row->max, &end, &first);
	if (good && *end == '/')
		good = parse_number(end + 1, 1, PAIR_MAX, &end, &second);
	else if (good)
		second = row->second ? row->second : OPTION_BURST * first;
	if (!good || *end) {
		complain(reader, EXIT_CONFIG, "%s must be %s, N from %" PRId64 " to %" PRId64, row->name,
			row->argument, row->min, row->max);
		return;
	}
	*(int64_t *)member(reader->options, row->at) = first;
	*(int64_t *)member(reader->options, row->second_at) = second;
}

/* `yes` or `no`, by name. */
static void take_choice(struct reader *reader, const struct option_row *row, const char *value,
	const char *yes, const char *no)
{
	bool is = strcmp(value, yes) == 0;
	if (!is && strcmp(value, no) != 0)
		complain(reader, EXIT_CONFIG, "%s must be %s or %s", row->name, yes, no);
	else
		*(bool *)member(reader->options, row->at) = is;
}

static void take_text(struct reader *reader, const struct option_row *row, const char *value)
{
	const char **text = member(reader->options, row->at);
	if (!*value) {
		complain(reader, EXIT_CONFIG, "%s must not be empty", row->name);
		return;
	}
	free((void *)*text);
	*text = copy(value);
}

/* A variable has them all, with commas between. */
static void take_list(struct reader *reader, const struct option_row *row, const char *value)
{
	struct option_list *list = member(reader->options, row->at);
	if (!reader->began[row - option_rows])
		list_clear(list);
	reader->began[row - option_rows] = true;
	for (const char *part = value;; part++) {
		size_t len = strcspn(part, ",");
		if (len == 0)
			complain(reader, EXIT_CONFIG, "%s must not be empty", row->name);
		list_add(list, part, len);
		part += len;
		if (!*part)
			return;
	}
}

static void take_level(struct reader *reader, const struct option_row *row, const char *value)
{
	if (!log_level_parse(value, member(reader->options, row->at)))
		complain(reader, EXIT_CONFIG, "%s must be error, warn, info or debug", row->name);
}

static void take_issuer(struct reader *reader, const struct option_row *row, const char *value)
{
	char why[ISSUER_WHY_BYTES];
	if (!options_issuers_take(
		    reader->options, &reader->issuers, (enum issuer_part)row->number, value, why))
		complain(reader, EXIT_CONFIG, "%s", why);
}

static void take(struct reader *reader, const struct option_row *row, const char *value)
{
	reader->options->sources[row - option_rows] = (unsigned char)reader->from;
	if (row->at == OPTION_AT(local_issuer))
		reader->local_issuer_told = true;
	switch (row->kind) {
	case KIND_FLAG:
	case KIND_SWITCH:
		take_choice(reader, row, value, "on", "off");
		return;
	case KIND_TEXT:
		take_text(reader, row, value);
		return;
	case KIND_LIST:
		take_list(reader, row, value);
		return;
	case KIND_NUMBER:
		take_number(reader, row, value);
		return;
	case KIND_PAIR:
		take_pair(reader, row, value);
		return;
	case KIND_ISSUER:
		take_issuer(reader, row, value);
		return;
	case KIND_FORMAT:
		take_choice(reader, row, value, "json", "text");
		return;
	case KIND_LEVEL:
		take_level(reader, row, value);
		return;
	}
}

/* Sources. */

static void set_defaults(struct options *options)
{
	*options = (struct options){.auth_timeout_ms = 10000, .heartbeat_ms = 25000};
	options->db = copy(OPTION_DEFAULT_DB);
	list_add(&options->listen, OPTION_DEFAULT_LISTEN, strlen(OPTION_DEFAULT_LISTEN));
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];
		if (row->kind == KIND_NUMBER || row->kind == KIND_PAIR)
			*(int64_t *)member(options, row->at) = row->number;
		if (row->kind == KIND_PAIR)
			*(int64_t *)member(options, row->second_at) = option_second(row);
	}
	options->spares_loopback = true;
	options->log_level = LOG_LEVEL_INFO;
}

static int take_file_line(void *context, const char *section, const char *name, const char *value)
{
	struct reader *reader = context;
	if (*section) {
		complain(reader, EXIT_CONFIG, "there is no section [%s]", section);
		return 0;
	}
	for (size_t i = 0; i < option_row_count; i++) {
		if (option_rows[i].where == WHERE_ANY && strcmp(name, option_rows[i].name) == 0) {
			take(reader, &option_rows[i], value);
			return !reader->exit_code;
		}
	}
	complain_unknown(reader, EXIT_CONFIG, "there is no key ", name, "");
	return 0;
}

/* A file being read, and where in it. */
struct file {
	struct reader *reader;
	FILE *stream;
	const char *path;
	int line;
	char source[160];
};

/* The parser would take the rest of a line that doesn't fit for the next one, be it a comment's. */
static char *next_line(char *line, int room, void *context)
{
	struct file *file = context;
	if (!fgets(line, room, file->stream))
		return NULL;
	snprintf(file->source, sizeof(file->source), "%.120s:%d: ", file->path, ++file->line);
	size_t len = strlen(line);
	if ((len && line[len - 1] == '\n') || (len && feof(file->stream)))
		return line;
	complain(
		file->reader, EXIT_CONFIG, "a line has at most %d bytes, and none of them is zero", room - 2);
	return NULL;
}

static void read_file(struct reader *reader, const char *path)
{
	struct file file = {.reader = reader, .stream = fopen(path, "re"), .path = path};
	snprintf(file.source, sizeof(file.source), "%.120s: ", path);
	begin_source(reader, SOURCE_FILE, file.source);
	int line = file.stream ? ini_parse_stream(next_line, &file, take_file_line, reader) : 0;
	if (!file.stream || ferror(file.stream))
		complain(reader, EXIT_CONFIG, "cannot be read: %s", strerror(errno));
	else if (line > 0) {
		snprintf(file.source, sizeof(file.source), "%.120s:%d: ", path, line);
		complain(reader, EXIT_CONFIG, "this is not name = value");
	}
	if (file.stream)
		fclose(file.stream);
	reader->source = "";
}

/* The variable of an option: LOCKSTEP_MAX_TIMERS for max-timers. */
static const char *find_variable(char *const *environment, const char *name)
{
	static const char prefix[] = "LOCKSTEP_";
	for (; *environment; environment++) {
		const char *at = *environment;
		if (strncmp(at, prefix, strlen(prefix)) != 0)
			continue;
		at += strlen(prefix);
		const char *want = name;
		for (; *want && *at == (*want == '-' ? '_' : toupper((unsigned char)*want)); want++)
			at++;
		if (!*want && *at == '=')
			return at + 1;
	}
	return NULL;
}

/* A LOCKSTEP_ variable that names no option is another program's. */
static void read_environment(struct reader *reader, char *const *environment)
{
	begin_source(reader, SOURCE_ENVIRONMENT, "environment: ");
	for (size_t i = 0; i < option_row_count; i++) {
		const char *value = option_rows[i].where != WHERE_FLAG
					    ? find_variable(environment, option_rows[i].name)
					    : NULL;
		if (value)
			take(reader, &option_rows[i], value);
	}
	reader->source = "";
}

static void make_long_options(struct option ret[OPTION_ROWS_MAX + 1])
{
	for (size_t i = 0; i < option_row_count; i++)
		ret[i] = (struct option){option_rows[i].name,
			option_rows[i].argument ? required_argument : no_argument, NULL, (int)i + 256};
	ret[option_row_count] = (struct option){0};
}

/* Hands each flag to `each`, until one is wrong. */
static void read_flags(struct reader *reader, int argc, char *const *argv,
	void (*each)(struct reader *reader, const struct option_row *row, const char *value))
{
	struct option long_options[OPTION_ROWS_MAX + 1];
	int found;
	make_long_options(long_options);
	begin_source(reader, SOURCE_FLAG, "");
	optind = 0;
	opterr = 0;
	while (!reader->exit_code && (found = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
		if (found == ':')
			complain(reader, EXIT_USAGE, "option %s needs a value", argv[optind - 1]);
		else if (found < 256)
			complain_unknown(reader, EXIT_USAGE, "unknown option ", argv[optind - 1], "--");
		else
			each(reader, &option_rows[found - 256], optarg ? optarg : "on");
	}
	if (!reader->exit_code && optind < argc)
		complain(reader, EXIT_USAGE, "unknown argument %s", argv[optind]);
}

/* Only --config counts yet, but whatever isn't an option is told before a file is looked at. */
static void take_config(struct reader *reader, const struct option_row *row, const char *value)
{
	if (row->at == OPTION_AT(config))
		take(reader, row, value);
}

/* What concerns more than one option. */

static bool is_loopback(const char *listen)
{
	const char *colon = strrchr(listen, ':');
	if (strncmp(listen, "unix:", 5) == 0)
		return true;
	return colon && url_host_is_loopback(listen, (size_t)(colon - listen));
}

/* Only its form; whether such an address can be had shows when it is opened. */
static bool is_address(const char *listen)
{
	if (strncmp(listen, "unix:", 5) == 0)
		return listen[5] != '\0';
	const char *colon = strrchr(listen, ':');
	const char *end;
	int64_t port;
	return colon && colon != listen && parse_number(colon + 1, 0, 65535, &end, &port) && !*end;
}

static void check_addresses(struct reader *reader)
{
	const struct options *options = reader->options;
	uint8_t address[16];
	for (size_t i = 0; i < options->listen.count; i++) {
		if (!is_address(options->listen.items[i]))
			complain(reader, EXIT_CONFIG, "listen must be ADDR:PORT or unix:PATH, not %.60s",
				options->listen.items[i]);
	}
	if (options->metrics && !is_address(options->metrics))
		complain(reader, EXIT_CONFIG, "metrics must be ADDR:PORT or unix:PATH, not %.60s",
			options->metrics);
	for (size_t i = 0; i < options->trusted_proxies.count; i++) {
		if (!limiter_address_parse(options->trusted_proxies.items[i], address))
			complain(reader, EXIT_CONFIG, "trusted-proxy must be an address, not %.60s",
				options->trusted_proxies.items[i]);
	}
}

static void check(struct reader *reader)
{
	struct options *options = reader->options;
	char why[ISSUER_WHY_BYTES];
	check_addresses(reader);
	if (!options_issuers_check(options, why))
		complain(reader, EXIT_CONFIG, "%s", why);
	options->spares_loopback = options->spares_loopback && options->dev;
	if (!options->tls_cert != !options->tls_key)
		complain(reader, EXIT_CONFIG, "tls-cert and tls-key belong together");
	if (options->dev && !options->local_issuer)
		complain(reader, EXIT_CONFIG, "dev needs the local issuer: local-issuer on");
	for (size_t i = 0; options->dev && i < options->listen.count; i++) {
		if (!is_loopback(options->listen.items[i]))
			complain(reader, EXIT_CONFIG,
				"dev lets anybody in, so listen %.60s must be loopback or unix:PATH",
				options->listen.items[i]);
	}
}

int options_read(
	int argc, char *const *argv, char *const *environment, struct options *ret, char ret_why[256])
{
	struct options options;
	struct reader reader = {.options = &options, .source = "", .why = ret_why};
	set_defaults(&options);
	read_flags(&reader, argc, argv, take_config);
	const char *config = options.config ? options.config : find_variable(environment, "config");
	if (config && !reader.exit_code)
		read_file(&reader, config);
	if (!reader.exit_code)
		read_environment(&reader, environment);
	if (!reader.exit_code)
		read_flags(&reader, argc, argv, take);
	if (!reader.local_issuer_told)
		options.local_issuer = options.issuer_count == 0;
	/* --help and --version are answered whatever else is wrong between the options. */
	if (!reader.exit_code && !options.help && !options.version)
		check(&reader);
	if (reader.exit_code)
		options_finish(&options);
	else
		*ret = options;
	return reader.exit_code;
}

void options_finish(struct options *options)
{
	options_issuers_finish(options);
	for (size_t i = 0; i < option_row_count; i++) {
		const char **text = member(options, option_rows[i].at);
		if (option_rows[i].kind == KIND_LIST)
			list_clear(member(options, option_rows[i].at));
		if (option_rows[i].kind != KIND_TEXT)
			continue;
		free((void *)*text);
		*text = NULL;
	}
}

/* Of an option's member; issuers have none of their own. */
static size_t member_size(enum option_kind kind)
{
	switch (kind) {
	case KIND_FLAG:
	case KIND_SWITCH:
	case KIND_FORMAT:
		return sizeof(bool);
	case KIND_TEXT:
		return sizeof(const char *);
	case KIND_LIST:
		return sizeof(struct option_list);
	case KIND_NUMBER:
	case KIND_PAIR:
		return sizeof(int64_t);
	case KIND_LEVEL:
		return sizeof(enum log_level);
	case KIND_ISSUER:
		break;
	}
	return 0;
}

static void swap(void *a, void *b, size_t len)
{
	char kept[sizeof(struct option_list)];
	memcpy(kept, a, len);
	memcpy(a, b, len);
	memcpy(b, kept, len);
}

void options_reload(struct options *options, struct options *fresh)
{
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];
		size_t len = member_size(row->kind);
		if (!row->live)
			continue;
		swap(member(options, row->at), member(fresh, row->at), len);
		if (row->kind == KIND_PAIR)
			swap(member(options, row->second_at), member(fresh, row->second_at), len);
	}
	options->spares_loopback = options->dev && fresh->spares_loopback;
}
