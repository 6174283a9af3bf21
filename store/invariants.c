#include "store/invariants.h"

#include "protocol/session.h"

#include <assert.h>

static_assert(KIND_TIMER == 0 && KIND_FOCUS == 1 && KIND_WORK == 2 && KIND_TRAINING == 3 && KIND_COUNT == 4,
	"the queries know them by number");
static_assert(STATE_PAUSED == 0 && STATE_RUNNING == 1 && STATE_COUNT == 2, "these too");
static_assert(STATUS_ACTIVE == 0 && STATUS_COMPLETED == 1 && STATUS_ABANDONED == 2 && STATUS_COUNT == 3,
	"and these");
static_assert(ENTITY_SESSION == 1 && ENTITY_GROUP == 2 && ENTITY_USER == 3 && ENTITY_TASK == 4 &&
		      ENTITY_PROBLEM == 5 && ENTITY_PLAN == 6 && ENTITY_COUNT == 7,
	"and these");
static_assert(DUE_DAILY_RESET == 4, "and this");

/* What the protocol looks at, in this order. */
#define CLOCK_OF(s)                                                                                 \
	s ".kind, " s ".deleted, " s ".state, " s ".status, " s ".initial_ms, " s ".elapsed_ms, " s \
	  ".running_since_ms, " s ".clock_ms, " s ".started_at_ms, " s ".pauses"
#define SESSION_OF(row, column) row ".uid = s.uid AND " row "." column " = s.id"

/* What is there of a table for a row of another one. */
#define NO_SESSION(table)                                                                              \
	"SELECT uid, session, '" table "' FROM " table " t WHERE NOT EXISTS (SELECT 1 FROM sessions s" \
	" WHERE " SESSION_OF("t", "session") ")"
#define NO_USER(table)                                                                             \
	"SELECT uid, NULL, '" table "' FROM (SELECT DISTINCT uid FROM " table ") WHERE uid NOT IN" \
	" (SELECT uid FROM users)"
#define NO_DETAILS(number, table) \
	"(s.kind = " number " AND NOT EXISTS (SELECT 1 FROM " table " k WHERE " SESSION_OF("k", "id") "))"
#define OTHER_DETAILS(number, table)                  \
	"SELECT k.uid, k.id, '" table "' FROM " table \
	" k JOIN sessions s ON " SESSION_OF("k", "id") " WHERE s.kind <> " number
#define NO_JSON(table, column, where) \
	"SELECT uid, id, '" table "." column "' FROM " table " WHERE NOT json_valid(" column ")" where

#define NOT_GONE(table, where)                                                                               \
	"SELECT NULL, NULL, '" table " of user ' || uid FROM users u"                                        \
	" WHERE issuer = '" USER_DELETED "' AND EXISTS (SELECT 1 FROM " table " t WHERE t.uid = u.uid" where \
	")"
#define NOR(table) " UNION ALL " NOT_GONE(table, "")

const struct invariant invariants[] = {
	/* People. */
	{"something is left of who was deleted",
		NOT_GONE("sessions", "") NOR("groups") NOR("tasks") NOR("problems") NOR("plans") NOR("focus")
			NOR("work") NOR("training") NOR("pauses") NOR("running") NOR("intervals") NOR("goals")
				NOR("due") NOR("keys") NOR("devices") NOR("day_rules")},
	{"the log says more than it may of who was deleted",
		NOT_GONE("audit", " AND (t.row IN (SELECT row FROM events) OR CASE WHEN json_valid(t.origin)"
				  " THEN t.origin NOT IN ('{}', json_object('via', t.origin ->> '$.via'))"
				  " ELSE 1 END)")},
	{"a user has no first rule of days",
		"SELECT uid, NULL, NULL FROM users u WHERE NOT EXISTS (SELECT 1 FROM day_rules r"
		" WHERE r.uid = u.uid AND r.from_ms = -9223372036854775808)"},
	{"the rules of a user's days are out of order",
		"SELECT uid, NULL, 'from day ' || from_day FROM (SELECT *, row_number() OVER rules AS n,"
		" lag(from_day) OVER rules AS before FROM day_rules"
		" WINDOW rules AS (PARTITION BY uid ORDER BY from_ms))"
		" WHERE (n > 2 AND from_day <= before) OR reset_minutes NOT BETWEEN 0 AND 1439"},
	{"rows belong to no user",
		NO_USER("audit") " UNION ALL " NO_USER("keys") " UNION ALL " NO_USER("due")},

	/* The log. */
	{"the audit log has a gap",
		"SELECT uid, NULL, count(*) || ' lines from seq ' || min(seq) || ' to ' || max(seq) FROM "
		"audit"
		" GROUP BY uid HAVING count(*) <> max(seq) - min(seq) + 1 OR min(seq) < 1"},
	{"the last event of a log is gone",
		"SELECT uid, NULL, 'seq ' || seq FROM (SELECT uid, max(seq) AS seq, row FROM audit"
		" GROUP BY uid) a WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.row = a.row)"},
	{"events between those that are kept are gone",
		"SELECT a.uid, NULL, count(*) || ' from seq ' || min(a.seq) || ' to ' || max(a.seq)"
		" FROM audit a JOIN events e ON e.row = a.row GROUP BY a.uid"
		" HAVING count(*) <> max(a.seq) - min(a.seq) + 1"},
	{"an event has no line in the audit log",
		"SELECT NULL, NULL, 'row ' || row FROM events e WHERE NOT EXISTS (SELECT 1 FROM audit a"
		" WHERE a.row = e.row)"},
	{"an event is not what its line in the audit log says",
		"SELECT a.uid, a.id, 'seq ' || a.seq FROM events e CROSS JOIN audit a ON a.row = e.row"
		" WHERE CASE WHEN json_valid(e.body) THEN e.body ->> '$.seq' IS NOT a.seq"
		" OR e.body ->> '$.atMs' IS NOT a.at_ms OR e.body ->> '$.nowMs' IS NOT e.now_ms"
		" OR e.body ->> '$.tag' IS NOT printf('%08x', e.tag) ELSE 1 END OR NOT json_valid(a.origin)"},
	{"the audit log names what is not there",
		"SELECT s.uid, s.id, 'seq ' || s.seq FROM audit s WHERE s.id IS NOT NULL AND NOT"
		" CASE s.entity WHEN 1 THEN EXISTS (SELECT 1 FROM sessions t WHERE " SESSION_OF("t",
			"id") ")"
			      " WHEN 2 THEN EXISTS (SELECT 1 FROM groups t WHERE " SESSION_OF("t",
				      "id") ")"
					    " WHEN 4 THEN EXISTS (SELECT 1 FROM tasks t WHERE " SESSION_OF(
						    "t", "id") ")"
							       " WHEN 5 THEN EXISTS (SELECT 1 FROM problems "
							       "t WHERE " SESSION_OF("t",
								       "id") ")"
									     " WHEN 6 THEN EXISTS (SELECT 1 "
									     "FROM plans t WHERE " SESSION_OF(
										     "t",
										     "id") ") ELSE 0 END"},
	{"a key is there twice",
		"SELECT uid, NULL, 'key ' || key FROM keys GROUP BY uid, key HAVING count(*) > 1"},

	/* Sessions. */
	{"a session has a value that there isn't",
		"SELECT uid, id, NULL FROM sessions WHERE kind NOT BETWEEN 0 AND 3 OR state NOT BETWEEN 0 "
		"AND 1"
		" OR status NOT BETWEEN 0 AND 2 OR deleted NOT BETWEEN 0 AND 1 OR no_goal NOT BETWEEN 0 AND 1"
		" OR length(id) <> 16 OR version < 1 OR initial_ms < -1 OR elapsed_ms < 0 OR pauses < 0"
		" OR daily_goal_minutes NOT BETWEEN 0 AND 1440"},
	{"a session that has ended or is deleted runs",
		"SELECT uid, id, NULL FROM sessions WHERE state = 1 AND (status <> 0 OR deleted)"},
	{"a deleted session is active",
		"SELECT uid, id, NULL FROM sessions WHERE deleted AND status = 0 AND kind <> 0"},
	{"a session has ended without an end, or has one and goes on",
		"SELECT uid, id, NULL FROM sessions WHERE (status = 0) <> (ended_at_ms = 0)"},
	{"two sessions of a kind are active of which there is to be one",
		"SELECT uid, max(id), count(*) || ' of kind ' || kind FROM sessions"
		" WHERE status = 0 AND NOT deleted AND kind IN (1, 3) GROUP BY uid, kind HAVING count(*) > "
		"1"},
	{"a session lacks what its kind has",
		"SELECT uid, id, NULL FROM sessions s WHERE " NO_DETAILS("1", "focus") " OR " NO_DETAILS(
			"2", "work") " OR " NO_DETAILS("3", "training")},
	{"a session has what another kind has", OTHER_DETAILS("1", "focus") " UNION ALL " OTHER_DETAILS("2",
							"work") " UNION ALL " OTHER_DETAILS("3", "training")},
	{"the pauses of a focus session are not those that it counts",
		"SELECT uid, id, NULL FROM sessions s WHERE kind = 1 AND pauses <> (SELECT count(*) FROM "
		"pauses p"
		" WHERE " SESSION_OF(
			"p", "session") " AND p.n < s.pauses)"
					" UNION ALL SELECT p.uid, p.session, 'pause ' || p.n FROM pauses p "
					"LEFT JOIN sessions s"
					" ON " SESSION_OF("p",
						"session") " WHERE s.id IS NULL OR s.kind <> 1 OR p.n NOT "
							   "BETWEEN 0 AND s.pauses - 1"
							   " OR (p.resumed_at_ms = 0 AND p.n < s.pauses - 1)"
							   " OR (p.resumed_at_ms <> 0 AND p.resumed_at_ms < "
							   "p.paused_at_ms)"},
	{"an active session or a timer is in a deleted group",
		"SELECT s.uid, s.id, NULL FROM sessions s JOIN groups g ON g.uid = s.uid AND g.id = "
		"s.\"group\""
		" WHERE g.deleted AND NOT s.deleted AND (s.kind = 0 OR s.status = 0)"},

	/* Running time. */
	{"running time is of no session", NO_SESSION("running") " UNION ALL " NO_SESSION(
						  "intervals") " UNION ALL " NO_SESSION("goals")},
	{"a session runs and has no open interval, or another one, or has one and doesn't run",
		"SELECT s.uid, s.id, NULL FROM sessions s LEFT JOIN running r ON " SESSION_OF(
			"r", "session") " WHERE (s.state = 1) <> (r.uid IS NOT NULL) OR s.running_since_ms "
					"<> coalesce(r.start_ms, 0)"},
	{"an interval is empty, or lies in another one of its session",
		"SELECT uid, session, 'from ' || start_ms FROM (SELECT *, lag(end_ms) OVER"
		" (PARTITION BY uid, session ORDER BY start_ms, end_ms) AS before_ms FROM"
		" (SELECT uid, session, start_ms, end_ms FROM intervals"
		" UNION ALL SELECT uid, session, start_ms, 1 << 62 FROM running))"
		" WHERE start_ms >= end_ms OR start_ms < before_ms"},
	{"an interval ends after its session's clock",
		"SELECT s.uid, s.id, 'at ' || i.end_ms FROM intervals i JOIN sessions s"
		" ON " SESSION_OF("i", "session") " WHERE i.end_ms > s.clock_ms"},
	{"a session's time is not that of its intervals",
		"SELECT s.uid, s.id, s.elapsed_ms || ' ms, ' || s.tracked_ms || ' of the day' FROM sessions s"
		" LEFT JOIN intervals i ON " SESSION_OF("i",
			"session") " GROUP BY s.uid, s.id HAVING"
				   " s.elapsed_ms <> coalesce(sum(CASE WHEN s.started_at_ms <> 0 AND "
				   "i.start_ms >= s.started_at_ms"
				   " THEN i.end_ms - i.start_ms END), 0) OR s.tracked_ms <> coalesce(sum("
				   "CASE WHEN s.tracked_day_ms <> 0 AND i.end_ms > s.tracked_day_ms"
				   " THEN i.end_ms - max(i.start_ms, s.tracked_day_ms) END), 0)"},
	{"the last goal kept for a session is not the one that it has",
		"SELECT uid, id, NULL FROM sessions s WHERE coalesce((SELECT minutes FROM goals g"
		" WHERE " SESSION_OF("g",
			"session") " ORDER BY g.at_ms DESC LIMIT 1), 0)"
				   " <> CASE WHEN deleted OR no_goal THEN 0 ELSE daily_goal_minutes END"},

	/* What falls due. */
	{"what falls due of a session is not in the list",
		"SELECT s.uid, s.id, 'at ' || s.at_ms FROM"
		" (SELECT uid, id, due_at(" CLOCK_OF("s") ") AS at_ms, due_rank(" CLOCK_OF(
			"s") ") AS rank"
			     " FROM sessions s) s WHERE s.at_ms <> 0 AND NOT EXISTS (SELECT 1 FROM due d"
			     " WHERE d.uid = s.uid AND d.at_ms = s.at_ms AND d.rank = s.rank AND d.session = "
			     "s.id)"},
	{"the list has something due that no session knows of",
		"SELECT d.uid, d.session, 'at ' || d.at_ms FROM due d LEFT JOIN sessions s"
		" ON " SESSION_OF("d", "session") " WHERE d.rank <> 4 AND (s.id IS NULL"
						  " OR d.at_ms <> due_at(" CLOCK_OF(
							  "s") ") OR d.rank <> due_rank(" CLOCK_OF("s") "))"},
	{"a user's daily reset is not the one in the list",
		"SELECT u.uid, NULL, 'at ' || u.reset_due_ms FROM users u WHERE u.reset_due_ms <> 0"
		" AND NOT EXISTS (SELECT 1 FROM due d WHERE d.uid = u.uid AND d.at_ms = u.reset_due_ms"
		" AND d.rank = 4 AND d.session = zeroblob(16))"
		" UNION ALL SELECT d.uid, NULL, 'at ' || d.at_ms FROM due d LEFT JOIN users u ON u.uid = "
		"d.uid"
		" WHERE d.rank = 4 AND u.reset_due_ms IS NOT d.at_ms"},
	{"a timer waits for a daily reset that isn't due",
		"SELECT s.uid, s.id, NULL FROM sessions s JOIN users u ON u.uid = s.uid"
		" WHERE u.reset_due_ms = 0 AND resettable(" CLOCK_OF("s") ")"},

	/* The other entities. */
	{"an id names two things",
		"WITH others AS (SELECT uid, id FROM groups UNION ALL SELECT uid, id FROM tasks"
		" UNION ALL SELECT uid, id FROM problems UNION ALL SELECT uid, id FROM plans)"
		" SELECT uid, id, NULL FROM others GROUP BY uid, id HAVING count(*) > 1"
		" UNION ALL SELECT s.uid, s.id, NULL FROM others s JOIN sessions t ON " SESSION_OF(
			"t", "id")},
	{"a focus session is for a task that is not there", "SELECT uid, id, NULL FROM focus f WHERE task IS "
							    "NOT NULL AND NOT EXISTS (SELECT 1 FROM tasks t"
							    " WHERE t.uid = f.uid AND t.id = f.task)"},
	{"a task is of no work session, or its end is not after its start",
		"SELECT t.uid, t.id, NULL FROM tasks t LEFT JOIN sessions s ON " SESSION_OF(
			"t", "session") " WHERE s.kind IS NOT 2 OR t.completed <> (t.completed_at_ms <> 0)"
					" OR (t.completed AND t.completed_at_ms < t.start_ms)"},
	{"a problem is resolved at no time, or isn't and was",
		"SELECT uid, id, NULL FROM problems WHERE resolved <> (resolved_at_ms <> 0)"},
	{"a plan doesn't know of its sessions, or of some that it hasn't",
		"SELECT uid, id, NULL FROM plans p WHERE has_sessions <> EXISTS"
		" (SELECT 1 FROM training t WHERE t.uid = p.uid AND t.plan = p.id)"},
	{"a text is no JSON",
		NO_JSON("plans", "structure", "") " UNION ALL " NO_JSON(
			"training", "structure", "") " UNION ALL " NO_JSON("work", "planned_tasks",
			" AND planned_tasks IS NOT NULL") " UNION ALL " NO_JSON("work", "tools_needed",
			" AND tools_needed IS NOT NULL") " UNION ALL " NO_JSON("work", "parts_to_install",
			" AND parts_to_install IS NOT NULL")},
	{0},
};

static struct session read_clock(sqlite3_value *const *values)
{
	int64_t numbers[10];
	for (int i = 0; i < 10; i++)
		numbers[i] = sqlite3_value_int64(values[i]);
	/* One of no kind is told of by another query. */
	return (struct session){.kind = (enum session_kind)(numbers[0] & 3),
		.deleted = numbers[1] != 0,
		.state = (enum session_state)numbers[2],
		.status = (enum session_status)numbers[3],
		.initial_ms = numbers[4],
		.elapsed_ms = numbers[5],
		.running_since_ms = numbers[6],
		.clock_ms = numbers[7],
		.started_at_ms = numbers[8],
		.pauses = (int32_t)numbers[9]};
}

static void due_at(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct session session = read_clock(values);
	(void)count;
	sqlite3_result_int64(context, session_due(&session).at_ms);
}

static void due_rank(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct session session = read_clock(values);
	(void)count;
	sqlite3_result_int64(context, session_due(&session).rank);
}

static void resettable(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct session session = read_clock(values);
	(void)count;
	sqlite3_result_int64(context, session_resettable(&session));
}

enum err invariants_teach(struct store *store)
{
	static const struct {
		const char *name;
		void (*function)(sqlite3_context *context, int count, sqlite3_value **values);
	} rows[] = {{"due_at", due_at}, {"due_rank", due_rank}, {"resettable", resettable}};
	int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int rc = sqlite3_create_function_v2(
			store->db, rows[i].name, 10, flags, NULL, rows[i].function, NULL, NULL, NULL);
		if (rc != SQLITE_OK)
			return statement_error(store, rc, rows[i].name);
	}
	return OK;
}
