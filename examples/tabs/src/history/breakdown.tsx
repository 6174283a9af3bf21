import { CheckIcon } from '../parts/icons.tsx';
import { minutesText, nouns, periodText, rangeText } from './days.ts';
import { COLOURS, type Line } from './lines.ts';
import type { Report } from './report.ts';

interface Props {
  report: Report;
  lines: readonly Line[];
  /** A period by its index, or the whole range. */
  picked: number | null;
  pick: (index: number | null) => void;
}

const LISTED = 12;
const colour = (index: number) => ({ background: `var(--chart-${index < COLOURS ? index + 1 : 0})` });

/** What the time went to, in one period or in all: the chart's legend too. */
export function Breakdown({ report, lines, picked, pick }: Props) {
  const { period, periods, from, to } = report;
  const one = picked === null ? undefined : periods[picked];
  const minutesOf = (line: Line) => (picked === null ? line.total : line.minutes[picked]!);
  const rows = lines
    .map((line, index) => ({ line, index, minutes: minutesOf(line) }))
    .filter(({ line, minutes }) => minutes > 0 || (picked === null ? line.goals.some(Boolean) : line.goals[picked]))
    .sort((a, b) => b.minutes - a.minutes);
  const most = Math.max(1, rows[0]?.minutes ?? 0);
  const step = (by: number) => pick(picked === null ? periods.length - 1 : picked + by);
  return (
    <section class="breakdown" aria-labelledby="breakdown-title">
      <div class="breakdown-head">
        <h3 id="breakdown-title" aria-live="polite">
          {one ? periodText(period, one.from, one.to) : rangeText(from, to)}
        </h3>
        <button class="ghost" aria-label={`Previous ${nouns[period]}`} disabled={picked === 0} onClick={() => step(-1)}>
          ‹
        </button>
        <button class="ghost" aria-label={`Next ${nouns[period]}`} disabled={picked === null || picked >= periods.length - 1} onClick={() => step(1)}>
          ›
        </button>
        {one && (
          <button class="ghost" onClick={() => pick(null)}>
            All
          </button>
        )}
      </div>
      {rows.length === 0 && <p class="quiet">Nothing tracked.</p>}
      <ul role="list">
        {rows.slice(0, LISTED).map(({ line, index, minutes }) => (
          <li key={line.key}>
            <span class="swatch" style={colour(index)} aria-hidden="true" />
            <span class="name">{line.name}</span>
            <span class="amount">
              {minutesText(minutes)} <GoalOf line={line} picked={picked} />
            </span>
            <span class="share" aria-hidden="true">
              <span style={{ ...colour(index), width: `${(minutes / most) * 100}%` }} />
            </span>
          </li>
        ))}
      </ul>
      {rows.length > LISTED && <p class="quiet">and {rows.length - LISTED} more: see the table</p>}
    </section>
  );
}

function GoalOf({ line, picked }: { line: Line; picked: number | null }) {
  if (picked !== null) {
    const goal = line.goals[picked];
    if (!goal) return null;
    return (
      <span class={goal.met ? 'met' : 'quiet'}>
        of {minutesText(goal.minutes)} {goal.met && <CheckIcon />}
        {goal.met && <span class="unseen">goal met</span>}
      </span>
    );
  }
  const goals = line.goals.filter((goal) => goal !== null);
  if (goals.length === 0) return null;
  const met = goals.filter((goal) => goal.met).length;
  return (
    <span class={met === goals.length ? 'met' : 'quiet'}>
      goal met {met} of {goals.length}
    </span>
  );
}
