#include "server/options_table.h"

#include "protocol/limits.h"

#include <inttypes.h>
#include <string.h>

#define MIB        (1024 * 1024)
#define AT(member) OPTION_AT(member)

/* clang-format off */
const char *const option_group_titles[GROUP_COUNT] = {
	[GROUP_PROGRAM] = "The program",
	[GROUP_FILES] = "Files",
	[GROUP_LISTEN] = "Where it listens",
	[GROUP_ISSUERS] = "Who may sign in",
	[GROUP_USER_LIMITS] = "What one user may have",
	[GROUP_LIMITS] = "What all may have together",
	[GROUP_LOG] = "The log",
};

const struct option_row option_rows[] = {
	{.name = "config", .argument = "FILE", .group = GROUP_PROGRAM, .kind = KIND_TEXT,
		.where = WHERE_NOT_FILE, .at = AT(config),
		.help = "read options from this INI file: name = value"},
	{.name = "db", .argument = "FILE", .group = GROUP_FILES, .kind = KIND_TEXT,
		.at = AT(db),
		.help = "the database, made when it isn't there",
		.normal = OPTION_DEFAULT_DB,
		.more = "Beside it lie the key of the server's own tokens (.key), the lock that a running "
			"server holds (.lock), and what SQLite keeps there meanwhile (-wal, -shm)."},
	{.name = "web", .argument = "DIR", .group = GROUP_FILES, .kind = KIND_TEXT,
		.at = AT(web),
		.help = "the built page",
		.unset = "the one built or installed with the program", .sample = "/usr/share/lockstep/web",
		.more = "It is read at the start, and served from memory."},
	{.name = "record", .argument = "FILE", .group = GROUP_FILES, .kind = KIND_TEXT,
		.at = AT(record),
		.help = "keep all commands and what came of them as a trace, for lockstepd replay",
		.sample = "/var/lib/lockstep/commands.trace",
		.more = "For finding a fault. It has what people typed: readable by its owner only. It is added to "
			"what is there, and grows without end."},
	{.name = "listen", .argument = "ADDR:PORT", .group = GROUP_LISTEN, .kind = KIND_LIST,
		.at = AT(listen),
		.help = "serve here, or at unix:PATH; repeatable",
		.normal = OPTION_DEFAULT_LISTEN,
		.more = "An IPv6 address stands in brackets. With port 0 the system chooses one, and the log "
			"says which. Sockets that systemd hands over take the place of all of these."},
	{.name = "origin", .argument = "ORIGIN", .group = GROUP_LISTEN, .kind = KIND_LIST,
		.live = true, .at = AT(origins),
		.help = "pages of this origin may connect; repeatable",
		.unset = "same host and port", .sample = "https://app.example.org",
		.more = "As https://host or https://host:port. The page that the server itself serves must "
			"then be in the list, too."},
	{.name = "trusted-proxy", .argument = "ADDR", .group = GROUP_LISTEN, .kind = KIND_LIST,
		.live = true, .at = AT(trusted_proxies),
		.help = "believe this address's X-Forwarded-For; repeatable",
		.sample = "192.0.2.1",
		.more = "Whoever is behind it is the last address there that is no such proxy. What comes "
			"over a unix socket is believed anyway."},
	{.name = "user", .argument = "NAME", .group = GROUP_LISTEN, .kind = KIND_TEXT,
		.at = AT(user),
		.help = "become this user after binding; for a start as root",
		.sample = "lockstep",
		.more = "The certificate and its key are read before, everything else after. To read them "
			"again on SIGHUP this user must be able to."},
	{.name = "tls-cert", .argument = "FILE", .group = GROUP_LISTEN, .kind = KIND_TEXT,
		.at = AT(tls_cert),
		.help = "certificate chain (PEM); serves TLS",
		.sample = "/etc/lockstep/cert.pem",
		.more = "TLS 1.2 and later on every TCP listener; unix sockets stay plain. SIGHUP reads both "
			"files again."},
	{.name = "tls-key", .argument = "FILE", .group = GROUP_LISTEN, .kind = KIND_TEXT,
		.at = AT(tls_key),
		.help = "its private key (PEM)",
		.sample = "/etc/lockstep/key.pem"},
	{.name = "metrics", .argument = "ADDR:PORT", .group = GROUP_LISTEN, .kind = KIND_TEXT,
		.at = AT(metrics),
		.help = "answer /metrics for Prometheus here, and nowhere else",
		.unset = "off",
		.sample = "127.0.0.1:9464",
		.more = "/healthz and /readyz are answered there, too, and nobody has to sign in: let only those reach "
			"it who watch the server. Also unix:PATH."},
	{.name = "dev", .group = GROUP_ISSUERS, .kind = KIND_FLAG,
		.at = AT(dev),
		.help = "sign in as anybody; only on loopback and unix listeners",
		.sample = "on",
		.more = "No password at all: for development. Connections from loopback are then not limited "
			"by max-sockets-address, unless that is set."},
	{.name = "local-issuer", .argument = "on|off", .group = GROUP_ISSUERS, .kind = KIND_SWITCH,
		.at = AT(local_issuer),
		.help = "believe tokens made by `lockstepd token`",
		.unset = "on, unless there is another issuer", .sample = "on",
		.more = "Whoever has the key beside the database can make them."},
	{.name = "firebase-project", .argument = "ID", .group = GROUP_ISSUERS, .kind = KIND_ISSUER,
		.number = ISSUER_FIREBASE, .at = AT(issuers),
		.help = "believe Firebase's tokens for this project; repeatable",
		.sample = "my-project",
		.more = "With the keys that Google publishes."},
	{.name = "firebase-api-key", .argument = "KEY", .group = GROUP_ISSUERS, .kind = KIND_TEXT,
		.at = AT(firebase_api_key),
		.help = "the page signs in with the first project, which has this public web key",
		.sample = "AIza-the-web-key-of-my-project",
		.more = "Without it the server's own page has no form for that; other pages can sign in all "
			"the same."},
	{.name = "firebase-auth-domain", .argument = "HOST", .group = GROUP_ISSUERS, .kind = KIND_TEXT,
		.at = AT(firebase_auth_domain),
		.help = "its auth domain",
		.unset = "<project>.firebaseapp.com", .sample = "sign-in.example.org"},
	{.name = "firebase-emulator", .argument = "URL", .group = GROUP_ISSUERS, .kind = KIND_TEXT,
		.at = AT(firebase_emulator),
		.help = "with --dev: the page asks this emulator of Firebase instead",
		.sample = "http://127.0.0.1:9099"},
	{.name = "oidc-issuer", .argument = "URL", .group = GROUP_ISSUERS, .kind = KIND_ISSUER,
		.number = ISSUER_OIDC, .at = AT(issuers),
		.help = "believe tokens that this OpenID provider signed; repeatable",
		.sample = "https://id.example.org/realms/home",
		.more = "Exactly what its tokens have as iss. Unless jwks says where its keys are, it is "
			"asked at URL/.well-known/openid-configuration."},
	{.name = "oidc-audience", .argument = "AUD", .group = GROUP_ISSUERS, .kind = KIND_ISSUER,
		.number = ISSUER_AUDIENCE, .at = AT(issuers),
		.help = "for whom the tokens of the oidc-issuer before it must be",
		.sample = "lockstep",
		.more = "What their aud must be or contain: usually the client's id there. Each oidc-issuer "
			"needs one."},
	{.name = "jwks", .argument = "FILE|URL", .group = GROUP_ISSUERS, .kind = KIND_ISSUER,
		.number = ISSUER_JWKS, .at = AT(issuers),
		.help = "where the issuer before it has its keys",
		.unset = "where it says itself", .sample = "/etc/lockstep/keys.json",
		.more = "A JWK set, or a map of names to certificates. SIGHUP reads it again."},
	{.name = "max-timers", .argument = "N", .group = GROUP_USER_LIMITS, .kind = KIND_NUMBER,
		.at = AT(max_timers), .number = 500, .min = 1, .max = 100000,
		.help = "timers a user may have"},
	{.name = "max-groups", .argument = "N", .group = GROUP_USER_LIMITS, .kind = KIND_NUMBER,
		.at = AT(max_groups), .number = 200, .min = 1, .max = 100000,
		.help = "groups a user may have"},
	{.name = "max-plans", .argument = "N", .group = GROUP_USER_LIMITS, .kind = KIND_NUMBER,
		.at = AT(max_plans), .number = 200, .min = 1, .max = 100000,
		.help = "training plans a user may have"},
	{.name = "max-tasks", .argument = "N", .group = GROUP_USER_LIMITS, .kind = KIND_NUMBER,
		.at = AT(max_tasks), .number = 200, .min = 1, .max = 100000,
		.help = "tasks in a work session"},
	{.name = "max-problems", .argument = "N", .group = GROUP_USER_LIMITS, .kind = KIND_NUMBER,
		.at = AT(max_problems), .number = 1000, .min = 1, .max = 100000,
		.help = "problems in a group that are not resolved"},
	{.name = "max-sockets-user", .argument = "N", .group = GROUP_USER_LIMITS, .kind = KIND_NUMBER,
		.live = true, .at = AT(max_sockets_user), .number = 32, .min = 1, .max = 1000000,
		.help = "WebSockets of one user"},
	{.name = "rate-commands", .argument = "N[/BURST]", .group = GROUP_USER_LIMITS, .kind = KIND_PAIR,
		.live = true, .at = AT(rate_commands), .second_at = AT(rate_burst),
		.number = 20, .min = 1, .max = 1000000,
		.help = "commands a second of one user",
		.more = "BURST of them may come at once; three times N unless given."},
	{.name = "keep-events", .argument = "DAYS", .group = GROUP_USER_LIMITS, .kind = KIND_NUMBER,
		.at = AT(keep_events_days), .number = 90, .min = 1, .max = 36500,
		.help = "how long events can be replayed",
		.more = "A client that was away for longer gets a snapshot. Sessions, reports and the audit "
			"log are kept for ever."},
	{.name = "max-replay", .argument = "N[/BYTES]", .group = GROUP_USER_LIMITS, .kind = KIND_PAIR,
		.at = AT(max_replay_events), .second_at = AT(max_replay_bytes),
		.number = 500, .min = 1, .max = 100000, .second = 256 * 1024,
		.help = "events a client gets one by one; for more it gets a snapshot"},
	{.name = "max-sockets", .argument = "N", .group = GROUP_LIMITS, .kind = KIND_NUMBER,
		.at = AT(max_sockets), .number = 10000, .min = 1, .max = 1000000,
		.help = "connections in all",
		.more = "So many file descriptors, and 128 more, must be allowed (ulimit -n, LimitNOFILE=)."},
	{.name = "max-sockets-address", .argument = "N", .group = GROUP_LIMITS, .kind = KIND_NUMBER,
		.live = true, .at = AT(max_sockets_address), .number = 64, .min = 1, .max = 1000000,
		.help = "connections of one address",
		.more = "An IPv6 address counts by its first 64 bits."},
	{.name = "max-unauthenticated", .argument = "N", .group = GROUP_LIMITS, .kind = KIND_NUMBER,
		.live = true, .at = AT(max_unauthenticated), .number = 256, .min = 1, .max = 1000000,
		.help = "connections that have not yet said whose they are"},
	{.name = "max-message", .argument = "BYTES", .group = GROUP_LIMITS, .kind = KIND_NUMBER,
		.live = true, .at = AT(max_message), .number = LIMIT_MESSAGE_BYTES, .min = 1024, .max = MIB,
		.help = "one message or request body"},
	{.name = "max-outbox", .argument = "BYTES", .group = GROUP_LIMITS, .kind = KIND_NUMBER,
		.live = true, .at = AT(max_outbox), .number = 256 * 1024, .min = 4096, .max = 256 * MIB,
		.help = "what may wait for one slow socket",
		.more = "Over it the socket is closed; its client comes back and gets what it missed."},
	{.name = "max-queue", .argument = "N", .group = GROUP_LIMITS, .kind = KIND_NUMBER,
		.live = true, .at = AT(max_queue), .number = 16384, .min = 1, .max = 1000000,
		.help = "commands that may wait for the database",
		.more = "Over it commands are refused as rateLimited, whoever sends them."},
	{.name = "log-format", .argument = "text|json", .group = GROUP_LOG, .kind = KIND_FORMAT,
		.live = true, .at = AT(log_json),
		.help = "one line an event on stderr",
		.normal = "text"},
	{.name = "log-level", .argument = "LEVEL", .group = GROUP_LOG, .kind = KIND_LEVEL,
		.live = true, .at = AT(log_level),
		.help = "error, warn, info or debug",
		.normal = "info"},
	{.name = "check", .group = GROUP_PROGRAM, .kind = KIND_FLAG,
		.where = WHERE_FLAG, .at = AT(check),
		.help = "say whether the configuration is good, and end"},
	{.name = "version", .group = GROUP_PROGRAM, .kind = KIND_FLAG,
		.where = WHERE_FLAG, .at = AT(version),
		.help = "say which version this is, and end"},
	{.name = "help", .group = GROUP_PROGRAM, .kind = KIND_FLAG,
		.where = WHERE_FLAG, .at = AT(help),
		.help = "list the options, and end"},
};
/* clang-format on */

const size_t option_row_count = sizeof(option_rows) / sizeof(*option_rows);
_Static_assert(sizeof(option_rows) / sizeof(*option_rows) <= OPTION_ROWS_MAX,
	"OPTION_ROWS_MAX grows with the table");

/* Longer than any name. */
#define NAME_BYTES 40
#define SLIPS      2

/* How many letters have to be put in, taken out or changed to make one of the other. */
static size_t count_slips(const char *one, const char *other)
{
	size_t row[NAME_BYTES + 1];
	size_t len = strlen(other);
	for (size_t i = 0; i <= len; i++)
		row[i] = i;
	for (size_t above = 0; one[above]; above++) {
		size_t diagonal = row[0];
		row[0] = above + 1;
		for (size_t i = 1; i <= len; i++) {
			size_t changed = diagonal + (one[above] != other[i - 1]);
			size_t shorter = (row[i] < row[i - 1] ? row[i] : row[i - 1]) + 1;
			diagonal = row[i];
			row[i] = changed < shorter ? changed : shorter;
		}
	}
	return row[len];
}

const char *option_nearest(const char *name)
{
	const char *nearest = NULL;
	size_t fewest = SLIPS + 1;
	for (size_t i = 0; i < option_row_count && strlen(name) <= NAME_BYTES; i++) {
		size_t slips = count_slips(option_rows[i].name, name);
		if (slips > 0 && slips < fewest) {
			fewest = slips;
			nearest = option_rows[i].name;
		}
	}
	return nearest;
}

void option_default(const struct option_row *row, char ret[OPTION_DEFAULT_BYTES])
{
	const char *text = row->normal ? row->normal : "";
	if (row->kind == KIND_NUMBER)
		snprintf(ret, OPTION_DEFAULT_BYTES, "%" PRId64, row->number);
	else if (row->kind == KIND_PAIR)
		snprintf(ret, OPTION_DEFAULT_BYTES, "%" PRId64 "/%" PRId64, row->number, option_second(row));
	else
		snprintf(ret, OPTION_DEFAULT_BYTES, "%s", text);
}

int64_t option_second(const struct option_row *row)
{
	return row->second ? row->second : OPTION_BURST * row->number;
}

void options_print_help(FILE *out)
{
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];
		char flag[64], normal[OPTION_DEFAULT_BYTES];
		snprintf(flag, sizeof(flag), "--%s%s%s", row->name, row->argument ? " " : "",
			row->argument ? row->argument : "");
		option_default(row, normal);
		const char *without = row->unset ? row->unset : normal;
		fprintf(out, "  %-27s %s", flag, row->help);
		if (*without)
			fprintf(out, " (%s)", without);
		fputc('\n', out);
	}
}
