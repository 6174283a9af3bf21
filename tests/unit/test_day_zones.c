/* The boundaries of days against Python's zoneinfo, which reads the same tzdata by other code: day_zones.py.
 */
#include "protocol/day.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The lines are long: 366 instants. */
struct line {
	char *text;
	size_t room;
	long boundaries;
};

static void check_line(struct line *line)
{
	char *rest = NULL;
	const char *zone = strtok_r(line->text, " ", &rest);
	int reset = atoi(strtok_r(NULL, " ", &rest));
	int32_t first = atoi(strtok_r(NULL, " ", &rest)), day = first;
	assert_true(day_zone_known(zone));
	for (char *word; (word = strtok_r(NULL, " \n", &rest)); day++) {
		int64_t expected = strtoll(word, NULL, 10) * 1000;
		int64_t boundary = day_boundary_ms(zone, reset, day);
		if (boundary != expected) {
			char text[DAY_TEXT];
			day_format(day, text);
			fail_msg("%s %s reset %d: %" PRId64 ", not %" PRId64, zone, text, reset, boundary,
				expected);
		}
		line->boundaries++;
	}
	assert_in_range(day - first, 365, 366);
}

static FILE *ask_python(void)
{
	static const char here[] = __FILE__;
	char command[4096];
	int folder = (int)(strrchr(here, '/') - here);
	snprintf(command, sizeof(command),
		"PYTHONTZPATH=${TZDIR:-/usr/share/zoneinfo} python3 '%.*s/day_zones.py'", folder, here);
	FILE *answers = popen(command, "re");
	assert_non_null(answers);
	return answers;
}

static void boundaries_are_those_of_zoneinfo(void **state)
{
	(void)state;
	FILE *answers = ask_python();
	struct line line = {0};
	long lines = 0;
	while (getline(&line.text, &line.room, answers) > 0) {
		check_line(&line);
		lines++;
	}
	assert_int_equal(pclose(answers), 0);
	printf("%ld years of boundaries, %ld in all\n", lines, line.boundaries);
	/* 49 years at six reset times, and each zone at two: 597, or 400 where old names are a package of
	 * their own. */
	assert_true(lines >= 49 * 6 + 400 * 2);
	free(line.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boundaries_are_those_of_zoneinfo),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
