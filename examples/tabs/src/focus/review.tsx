import { useRef, useState } from 'preact/hooks';
import { Choice } from '../parts/choice.tsx';
import { Field } from '../parts/field.tsx';
import { timeOfDay } from '../parts/format.ts';
import { useKeptFocus } from '../parts/kept-focus.ts';
import { Ring } from '../parts/ring.tsx';
import { TYPE_NAMES } from './actions.ts';
import { giveReview, skipReview, titles, type PastFocus } from './past.ts';

type Rating = '1' | '2' | '3' | '4' | '5';
const RATINGS: readonly (readonly [Rating, string])[] = [
  ['1', '1 poor'],
  ['2', '2'],
  ['3', '3 fair'],
  ['4', '4'],
  ['5', '5 superb'],
];

/** Of a session that is completed; given once. */
export function Review({ past }: { past: PastFocus }) {
  const { sessionId, sessionType, actualDuration, plannedDuration, startTime, endTime, focusScore } = past;
  const [rating, setRating] = useState<Rating | null>(null);
  const [progress, setProgress] = useState('');
  const [refused, setRefused] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useKeptFocus(form);
  const submit = (event: Event) => {
    event.preventDefault();
    const taskProgress = progress.trim();
    setRefused(rating === null && taskProgress === '');
    if (rating === null && taskProgress === '') return;
    void giveReview(sessionId, { qualityRating: rating === null ? null : Number(rating), taskProgress });
  };
  return (
    <form class="card stack review" ref={form} aria-labelledby="review-title" onSubmit={submit}>
      <div class="review-head">
        <div>
          <h2 id="review-title">How did it go?</h2>
          <p class="quiet">
            {titles.value.get(sessionId) || TYPE_NAMES[sessionType]}, {Math.round(actualDuration ?? 0)} of {plannedDuration}{' '}
            min, {timeOfDay(Date.parse(startTime))} to {timeOfDay(Date.parse(endTime ?? startTime))}
          </p>
        </div>
        {focusScore !== null && (
          <div class="dial score">
            <Ring share={focusScore / 100} />
            <strong>{Math.round(focusScore)}</strong>
            <small>score</small>
          </div>
        )}
      </div>
      <Choice legend="Quality" name="quality" options={RATINGS} value={rating} choose={(one) => setRating(one)} />
      <Field label="What got done" id="review-progress">
        <textarea
          id="review-progress"
          rows={2}
          maxLength={10000}
          value={progress}
          onInput={(event) => setProgress(event.currentTarget.value)}
        />
      </Field>
      <div class="actions">
        <button class="primary">Save review</button>
        <button type="button" class="ghost" onClick={() => skipReview(sessionId)}>
          Not now
        </button>
        <span class="problem" role="alert">
          {refused && 'Choose a quality or write a line.'}
        </span>
      </div>
    </form>
  );
}
