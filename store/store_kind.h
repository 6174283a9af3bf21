/* What only sessions of one kind have, in a table of that kind. For store_session.c alone. */
#ifndef LOCKSTEP_STORE_STORE_KIND_H
#define LOCKSTEP_STORE_STORE_KIND_H

#include "store/statement.h"
#include "store/store.h"

/* Reads or writes what belongs to session->kind; a timer has nothing. */
enum err store_kind_load(struct store *store, int64_t uid, struct session *session) MUST_CHECK;
enum err store_kind_write(struct store *store, int64_t uid, const struct session *session) MUST_CHECK;

#endif
