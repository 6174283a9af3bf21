import { useState } from 'preact/hooks';
import { CheckIcon } from '../parts/icons.tsx';
import { minutesText, periodText } from './days.ts';
import { sumOf, unionOf, type Goal, type Line } from './lines.ts';
import type { Report } from './report.ts';

const FIRST = 50;

/** All figures of the chart, and the goals. */
export function Table({ report, lines }: { report: Report; lines: readonly Line[] }) {
  const [all, setAll] = useState(false);
  const { period } = report;
  // The newest stands first, where it is seen without scrolling.
  const periods = report.periods.map((one, index) => ({ ...one, index })).reverse();
  const shown = all ? lines : lines.slice(0, FIRST);
  return (
    <>
      <div class="scroll" role="region" aria-label="Table of the time tracked" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <td />
              <th scope="col">Total</th>
              {periods.map(({ from, to }) => (
                <th key={from} scope="col">
                  {periodText(period, from, to)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((line) => (
              <tr key={line.key}>
                <th scope="row">{line.name}</th>
                <td>{minutesText(line.total)}</td>
                {periods.map(({ from, index }) => (
                  <Cell key={from} minutes={line.minutes[index]!} goal={line.goals[index]!} />
                ))}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">Sum</th>
              <td>{minutesText(sumOf(report))}</td>
              {periods.map(({ from, sumMinutes }) => (
                <td key={from}>{minutesText(sumMinutes)}</td>
              ))}
            </tr>
            <tr>
              <th scope="row">By the clock</th>
              <td>{minutesText(unionOf(report))}</td>
              {periods.map(({ from, unionMinutes }) => (
                <td key={from}>{minutesText(unionMinutes)}</td>
              ))}
            </tr>
          </tfoot>
        </table>
      </div>
      {shown.length < lines.length && <button onClick={() => setAll(true)}>Show all {lines.length} lines</button>}
    </>
  );
}

function Cell({ minutes, goal }: { minutes: number; goal: Goal | null }) {
  if (minutes === 0 && !goal) return <td class="quiet">–</td>;
  return (
    <td>
      {minutesText(minutes)}
      {goal && <span class="quiet"> of {minutesText(goal.minutes)}</span>}
      {goal?.met && (
        <span class="met">
          {' '}
          <CheckIcon />
          <span class="unseen">goal met</span>
        </span>
      )}
    </td>
  );
}
