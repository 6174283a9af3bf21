/* A run's figures as one line of JSON. */
#ifndef LOCKSTEP_TESTS_BENCH_LOAD_REPORT_H
#define LOCKSTEP_TESTS_BENCH_LOAD_REPORT_H

#include "tests/bench/load/run.h"

void report_print(const struct scenario *scenario, const struct run_outcome *outcome);

#endif
