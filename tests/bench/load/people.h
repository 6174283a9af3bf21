/* Who the users are and what they say: their tokens, and the text of each command. Knows how the local issuer
 * signs and how commands are spelled; knows no sockets. */
#ifndef LOCKSTEP_TESTS_BENCH_LOAD_PEOPLE_H
#define LOCKSTEP_TESTS_BENCH_LOAD_PEOPLE_H

#include "protocol/uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct people;

/* load-0, load-1, … Without `db` they have no tokens and say whole events: a relay's. Else the key beside the
 * database `db` signs their tokens. With `adds` each command adds a session; else the first does, the odd
 * ones start it, the others pause it. What cannot be done ends the process. */
struct people *people_create(const char *db, size_t count, bool adds);
/* NULL is fine. */
void people_destroy(struct people *people);

const char *people_token(const struct people *people, size_t user);
/* Of the session that the user's first command adds. */
const char *people_session(const struct people *people, size_t user);
/* The user's command of that number, as JSON; good until the next call. */
const char *people_command(struct people *people, size_t user, int64_t number, size_t *ret_len);

/* Says why on stderr and ends the process. */
__attribute__((noreturn, format(printf, 1, 2))) void give_up(const char *format, ...);

#endif
