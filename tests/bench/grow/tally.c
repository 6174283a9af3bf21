/* What became of the timers that are due at one instant, while a server has the database open: reads it, and
 * never writes.
 *
 *     tally --db FILE --due-at MS
 *
 * Prints a line of JSON: how many are still due by then; how many have ended, how many different ones, how
 * many of those at another instant than that; and when the last one did.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_MS 10000

__attribute__((noreturn)) static void explain(void)
{
	fputs("usage: tally --db FILE --due-at MS\n", stderr);
	exit(2);
}

/* A row of integers, printed as the members of an object that the columns name. Returns the first one. */
static int64_t print_row(sqlite3 *db, const char *sql, int64_t due_at_ms)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
	if (rc == SQLITE_OK) {
		sqlite3_bind_int64(stmt, 1, due_at_ms);
		rc = sqlite3_step(stmt);
	}
	if (rc != SQLITE_ROW) {
		fprintf(stderr, "tally: %s\n", sqlite3_errmsg(db));
		exit(1);
	}
	for (int i = 0; i < sqlite3_column_count(stmt); i++)
		printf(",\"%s\":%" PRId64, sqlite3_column_name(stmt, i),
			(int64_t)sqlite3_column_int64(stmt, i));
	int64_t first = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return first;
}

int main(int argc, char **argv)
{
	sqlite3 *db;
	if (argc != 5 || strcmp(argv[1], "--db") != 0 || strcmp(argv[3], "--due-at") != 0)
		explain();
	int64_t due_at_ms = strtoll(argv[4], NULL, 10);
	if (sqlite3_open_v2(argv[2], &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
		fprintf(stderr, "tally: %s\n", sqlite3_errmsg(db));
		return 1;
	}
	sqlite3_busy_timeout(db, PATIENCE_MS);
	printf("{\"dueAtMs\":%" PRId64, due_at_ms);
	int64_t left = print_row(db, "SELECT count(*) AS due FROM due WHERE at_ms <= ?", due_at_ms);
	if (!left)
		print_row(db,
			"SELECT count(*) AS ended, count(DISTINCT id) AS timers,"
			" coalesce(sum(at_ms <> ?1), 0) AS astray, coalesce(max(now_ms), 0) AS lastMs"
			" FROM audit NATURAL JOIN events WHERE action = 'complete'",
			due_at_ms);
	puts("}");
	sqlite3_close(db);
	return 0;
}
