import { useEffect, useMemo, useState } from 'preact/hooks';
import { groups, user } from '../state/store.ts';
import { Breakdown } from './breakdown.tsx';
import { Chart } from './chart.tsx';
import { instantText, minutesText, nouns } from './days.ts';
import { Filters, Steps } from './filters.tsx';
import { csvOf, goalsMet, linesOf, sumOf, unionOf, type By, type Line } from './lines.ts';
import { Past } from './past.tsx';
import { askAs, asked, report, type Report } from './report.ts';
import { Table } from './table.tsx';
import './history.css';

export function HistoryView() {
  const person = user.value?.id ?? '';
  useEffect(report.follow, []);
  useEffect(() => askAs(person), [person]);
  const answer = report.shown.value;
  return (
    <div class="history">
      <h2 class="unseen">History</h2>
      <Filters />
      <Steps />
      <Freshness answer={answer} />
      {answer && (
        <div class="report" aria-busy={report.loading.value}>
          <Figures report={answer} />
          <Drawn report={answer} />
        </div>
      )}
      <Past />
    </div>
  );
}

/** Says when what is shown is not what a server would say now. */
function Freshness({ answer }: { answer: Report | null }) {
  const why = report.trouble.value;
  if (report.isCurrent.value) return answer ? null : <p class="empty">Reckoning…</p>;
  return (
    <p class="notice" role="status">
      {why ?? 'Offline.'}{' '}
      {answer
        ? `These figures are as of ${instantText(answer.nowMs, answer.timeZone)}.`
        : 'This range has not been shown before; it appears when the server is back.'}{' '}
      {why && (
        <button class="link" onClick={report.refresh}>
          Try again
        </button>
      )}
    </p>
  );
}

function Figures({ report }: { report: Report }) {
  const goals = goalsMet(report);
  const streak = report.streakDays;
  return (
    <dl class="figures">
      <div class="card">
        <dt>Sum</dt>
        <dd>{minutesText(sumOf(report))}</dd>
        <dd class="hint">all sessions added up</dd>
      </div>
      <div class="card">
        <dt>By the clock</dt>
        <dd>{minutesText(unionOf(report))}</dd>
        <dd class="hint">what ran side by side counts once</dd>
      </div>
      <div class="card">
        <dt>Goals met</dt>
        <dd>{goals.of > 0 ? `${goals.met} of ${goals.of}` : '–'}</dd>
        <dd class="hint">{goals.of > 0 ? `${nouns[report.period]}s with every goal met` : 'no goals in this range'}</dd>
      </div>
      <div class="card">
        <dt>Streak</dt>
        <dd>{streak === 1 ? '1 day' : `${streak} days`}</dd>
        <dd class="hint">in a row with every goal met</dd>
      </div>
    </dl>
  );
}

/** The report as chart or table, and as a file. */
function Drawn({ report }: { report: Report }) {
  const [by, setBy] = useState<By>('session');
  const [asTable, setAsTable] = useState(false);
  const [picked, setPicked] = useState<number | null>(null);
  const known = groups.value;
  const lines = useMemo(() => {
    const names = new Map(known.map(({ id, name }) => [id, name]));
    return linesOf(report, by, (id) => names.get(id) ?? 'Deleted group');
  }, [report, by, known]);
  const shownRange = report.period + report.from + report.to;
  useEffect(() => setPicked(null), [shownRange]);
  const at = picked !== null && picked < report.periods.length ? picked : null;
  return (
    <section class="drawn card" aria-labelledby="drawn-title">
      <div class="drawn-head">
        <h3 id="drawn-title">Time</h3>
        <label class="by">
          by
          <select value={by} onChange={(event) => setBy(event.currentTarget.value as By)}>
            <option value="session">session</option>
            <option value="kind">kind</option>
            <option value="group">group</option>
          </select>
        </label>
        <button aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          Table
        </button>
        <button disabled={lines.length === 0} onClick={() => save(report, lines)}>
          Download CSV
        </button>
      </div>
      {lines.length === 0 ? (
        <p class="empty">Nothing was tracked here. Start a timer or a session, and its time shows up.</p>
      ) : asTable ? (
        <Table report={report} lines={lines} />
      ) : (
        <div class="side-by-side">
          <Chart report={report} lines={lines} picked={at} pick={(index) => setPicked(index === at ? null : index)} />
          <Breakdown report={report} lines={lines} picked={at} pick={setPicked} />
        </div>
      )}
    </section>
  );
}

/** With a byte order mark, without which Excel takes it for another encoding. */
function save(report: Report, lines: readonly Line[]): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(['\ufeff', csvOf(report, lines)], { type: 'text/csv' }));
  link.download = `lockstep-${asked.value.period}-${report.from}-${report.to}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
