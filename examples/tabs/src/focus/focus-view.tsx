import { useEffect } from 'preact/hooks';
import { focusSession } from '../state/store.ts';
import { followPast, toReview } from './past.ts';
import { Review } from './review.tsx';
import { RunningFocus } from './running-focus.tsx';
import { StartFocus } from './start-focus.tsx';
import { TodaysFocus } from './todays-focus.tsx';
import './focus.css';

export function FocusView() {
  useEffect(followPast, []);
  const held = focusSession.value;
  const review = toReview.value;
  return (
    <div class="focus">
      <p class="unseen" role="status">
        {review && !held && 'The focus session is over. How did it go?'}
      </p>
      {/* While one runs, no review is asked for; the person may still choose to give one. */}
      {review && (review.picked || !held) && <Review key={review.past.sessionId} past={review.past} />}
      {held ? <RunningFocus key={held.session.id} held={held} /> : <StartFocus />}
      <TodaysFocus />
    </div>
  );
}
