#include "server/options_table.h"

#include "protocol/limits.h"

#include <inttypes.h>

#define MIB        (1024 * 1024)
#define AT(member) OPTION_AT(member)

/* clang-format off */
const struct option_row option_rows[OPTION_ROWS] = {
	{"config", "FILE", KIND_TEXT, WHERE_ENVIRONMENT, false, AT(config), 0, 0, 0, 0, 0,
		"read options from this INI file: name = value"},
	{"listen", "ADDR:PORT", KIND_LIST, WHERE_ANY, false, AT(listen), 0, 0, 0, 0, 0,
		"serve here, or at unix:PATH; repeatable (" OPTION_DEFAULT_LISTEN ")"},
	{"metrics", "ADDR:PORT", KIND_TEXT, WHERE_ANY, false, AT(metrics), 0, 0, 0, 0, 0,
		"answer /metrics for Prometheus here, and nowhere else (off)"},
	{"db", "FILE", KIND_TEXT, WHERE_ANY, false, AT(db), 0, 0, 0, 0, 0,
		"the database, made when it isn't there (" OPTION_DEFAULT_DB ")"},
	{"web", "DIR", KIND_TEXT, WHERE_ANY, false, AT(web), 0, 0, 0, 0, 0,
		"the built page (the one built or installed with the program)"},
	{"origin", "ORIGIN", KIND_LIST, WHERE_ANY, true, AT(origins), 0, 0, 0, 0, 0,
		"pages of this origin may connect; repeatable (same host and port)"},
	{"trusted-proxy", "ADDR", KIND_LIST, WHERE_ANY, false, AT(trusted_proxies), 0, 0, 0, 0, 0,
		"believe this address's X-Forwarded-For; repeatable"},
	{"user", "NAME", KIND_TEXT, WHERE_ANY, false, AT(user), 0, 0, 0, 0, 0,
		"become this user after binding; for a start as root"},
	{"dev", NULL, KIND_FLAG, WHERE_ANY, false, AT(dev), 0, 0, 0, 0, 0,
		"sign in as anybody; only on loopback and unix listeners"},
	{"local-issuer", "on|off", KIND_SWITCH, WHERE_ANY, false, AT(local_issuer), 0, 0, 0, 0, 0,
		"believe tokens made by `lockstepd token` (on, unless there is another issuer)"},
	{"firebase-project", "ID", KIND_ISSUER, WHERE_ANY, false, AT(issuers), 0, ISSUER_FIREBASE, 0, 0, 0,
		"believe Firebase's tokens for this project; repeatable"},
	{"firebase-api-key", "KEY", KIND_TEXT, WHERE_ANY, false, AT(firebase_api_key), 0, 0, 0, 0, 0,
		"the page signs in with the first project, which has this public web key"},
	{"firebase-auth-domain", "HOST", KIND_TEXT, WHERE_ANY, false, AT(firebase_auth_domain), 0, 0, 0, 0, 0,
		"its auth domain (<project>.firebaseapp.com)"},
	{"firebase-emulator", "URL", KIND_TEXT, WHERE_ANY, false, AT(firebase_emulator), 0, 0, 0, 0, 0,
		"with --dev: the page asks this emulator of Firebase instead"},
	{"oidc-issuer", "URL", KIND_ISSUER, WHERE_ANY, false, AT(issuers), 0, ISSUER_OIDC, 0, 0, 0,
		"believe tokens that this OpenID provider signed; repeatable"},
	{"oidc-audience", "AUD", KIND_ISSUER, WHERE_ANY, false, AT(issuers), 0, ISSUER_AUDIENCE, 0, 0, 0,
		"for whom the tokens of the oidc-issuer before it must be"},
	{"jwks", "FILE|URL", KIND_ISSUER, WHERE_ANY, false, AT(issuers), 0, ISSUER_JWKS, 0, 0, 0,
		"where the issuer before it has its keys (where it says itself)"},
	{"tls-cert", "FILE", KIND_TEXT, WHERE_ANY, false, AT(tls_cert), 0, 0, 0, 0, 0,
		"certificate chain (PEM); serves TLS"},
	{"tls-key", "FILE", KIND_TEXT, WHERE_ANY, false, AT(tls_key), 0, 0, 0, 0, 0,
		"its private key (PEM)"},
	{"max-timers", "N", KIND_NUMBER, WHERE_ANY, false, AT(max_timers), 0, 500, 1, 100000, 0,
		"timers a user may have"},
	{"max-groups", "N", KIND_NUMBER, WHERE_ANY, false, AT(max_groups), 0, 200, 1, 100000, 0,
		"groups a user may have"},
	{"max-plans", "N", KIND_NUMBER, WHERE_ANY, false, AT(max_plans), 0, 200, 1, 100000, 0,
		"training plans a user may have"},
	{"max-tasks", "N", KIND_NUMBER, WHERE_ANY, false, AT(max_tasks), 0, 200, 1, 100000, 0,
		"tasks in a work session"},
	{"max-problems", "N", KIND_NUMBER, WHERE_ANY, false, AT(max_problems), 0, 1000, 1, 100000, 0,
		"problems in a group that are not resolved"},
	{"max-sockets", "N", KIND_NUMBER, WHERE_ANY, false, AT(max_sockets), 0, 10000, 1, 1000000, 0,
		"connections in all"},
	{"max-sockets-user", "N", KIND_NUMBER, WHERE_ANY, true, AT(max_sockets_user), 0, 32, 1, 1000000, 0,
		"WebSockets of one user"},
	{"max-sockets-address", "N", KIND_NUMBER, WHERE_ANY, false, AT(max_sockets_address), 0, 64, 1, 1000000, 0,
		"connections of one address"},
	{"max-unauthenticated", "N", KIND_NUMBER, WHERE_ANY, true, AT(max_unauthenticated), 0, 256, 1, 1000000, 0,
		"connections that have not yet said whose they are"},
	{"max-message", "BYTES", KIND_NUMBER, WHERE_ANY, true, AT(max_message), 0, LIMIT_MESSAGE_BYTES, 1024, MIB, 0,
		"one message or request body"},
	{"max-outbox", "BYTES", KIND_NUMBER, WHERE_ANY, true, AT(max_outbox), 0, 256 * 1024, 4096, 256 * MIB, 0,
		"what may wait for one slow socket"},
	{"max-replay", "N[/BYTES]", KIND_PAIR, WHERE_ANY, false, AT(max_replay_events), AT(max_replay_bytes),
		500, 1, 100000, 256 * 1024, "events a client gets one by one; for more it gets a snapshot"},
	{"rate-commands", "N[/BURST]", KIND_PAIR, WHERE_ANY, true, AT(rate_commands), AT(rate_burst),
		20, 1, 1000000, 0, "commands a second of one user"},
	{"max-queue", "N", KIND_NUMBER, WHERE_ANY, true, AT(max_queue), 0, 16384, 1, 1000000, 0,
		"commands that may wait for the database"},
	{"keep-events", "DAYS", KIND_NUMBER, WHERE_ANY, false, AT(keep_events_days), 0, 90, 1, 36500, 0,
		"how long events can be replayed"},
	{"log-format", "text|json", KIND_FORMAT, WHERE_ANY, false, AT(log_json), 0, 0, 0, 0, 0,
		"one line an event on stderr (text)"},
	{"log-level", "LEVEL", KIND_LEVEL, WHERE_ANY, false, AT(log_level), 0, LOG_LEVEL_INFO, 0, 0, 0,
		"error, warn, info or debug (info)"},
	{"check", NULL, KIND_FLAG, WHERE_FLAG, false, AT(check), 0, 0, 0, 0, 0,
		"say whether the configuration is good, and end"},
	{"version", NULL, KIND_FLAG, WHERE_FLAG, false, AT(version), 0, 0, 0, 0, 0,
		"say which version this is, and end"},
	{"help", NULL, KIND_FLAG, WHERE_FLAG, false, AT(help), 0, 0, 0, 0, 0,
		"this text"},
};
/* clang-format on */

void options_print_help(FILE *out)
{
	for (size_t i = 0; i < OPTION_ROWS; i++) {
		const struct option_row *row = &option_rows[i];
		char flag[64];
		snprintf(flag, sizeof(flag), "--%s%s%s", row->name, row->argument ? " " : "",
			row->argument ? row->argument : "");
		fprintf(out, "  %-27s %s", flag, row->help);
		if (row->kind == KIND_NUMBER || row->kind == KIND_PAIR)
			fprintf(out, " (%" PRId64 ")", row->number);
		fputc('\n', out);
	}
}
