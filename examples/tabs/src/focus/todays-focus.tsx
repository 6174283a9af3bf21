import { lengthText, timeOfDay } from '../parts/format.ts';
import { groups, status } from '../state/store.ts';
import { TYPE_NAMES } from './actions.ts';
import { chooseReview, isReviewable, titles, todays, type PastFocus } from './past.ts';

export function TodaysFocus() {
  const list = todays.value;
  if (!list) return status.value.phase === 'live' ? null : <p class="empty">Today’s sessions appear here once the server is back.</p>;
  const completed = list.filter(({ status }) => status === 'completed');
  const minutes = list.reduce((sum, { actualDuration }) => sum + (actualDuration ?? 0), 0);
  return (
    <section class="todays-focus stack" aria-labelledby="todays-focus">
      <h2 id="todays-focus">
        Today
        {list.length > 0 && (
          <span class="quiet">
            {' '}
            {completed.length} completed, {lengthText(Math.round(minutes) * 60)}
          </span>
        )}
      </h2>
      {list.length === 0 ? (
        <p class="empty">No focus sessions are over today. Choose a length above and start one.</p>
      ) : (
        <ul role="list">
          {list.map((past) => (
            <Row key={past.sessionId} past={past} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ past }: { past: PastFocus }) {
  const { sessionId, sessionType, actualDuration, startTime, status, projectId, qualityRating, focusScore } = past;
  const name = titles.value.get(sessionId) || TYPE_NAMES[sessionType];
  const told = past.taskProgress || past.progressMade || past.abandonReason;
  const facts = [
    `${Math.round(actualDuration ?? 0)} min`,
    groups.value.find(({ id }) => id === projectId)?.name,
    status === 'abandoned' ? 'abandoned' : focusScore !== null && `score ${Math.round(focusScore)}`,
    qualityRating !== null && `quality ${qualityRating} of 5`,
  ].filter(Boolean);
  return (
    <li>
      <span class="quiet">{timeOfDay(Date.parse(startTime))}</span>
      <div>
        <strong>{name}</strong>
        <p class="quiet">{facts.join(' · ')}</p>
        {told && <p>{told}</p>}
      </div>
      {isReviewable(past) && (
        <button class="ghost" onClick={() => review(sessionId)} aria-label={`Review ${name} of ${timeOfDay(Date.parse(startTime))}`}>
          Review
        </button>
      )}
    </li>
  );
}

/** Opens the form, and takes the person to it. */
function review(sessionId: string): void {
  chooseReview(sessionId);
  requestAnimationFrame(() => document.querySelector<HTMLElement>('.review input')?.focus());
}
