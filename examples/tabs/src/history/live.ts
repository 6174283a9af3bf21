// What the server answers to a question, asked again whenever the answer may have changed. Knows when to ask; knows
// nothing of what is asked.

import { computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import { isRunning } from 'lockstep-client';
import { ask } from '../state/account.ts';
import { RequestRefused } from '../state/server.ts';
import { inStep, onEvent, sessions, user } from '../state/store.ts';

/** One question at a time, the next two seconds after the answer unless it is another, and none while the page can't
 *  be seen. */
const SPACING_MS = 2_000;
const GATHER_MS = 250;
/** What runs, grows. */
const MINUTE_MS = 60_000;
const KEPT = 12;

/** `path` is what is asked by GET; null asks nothing. */
export function live<T>(path: ReadonlySignal<string | null>) {
  /** The answers there have been: what is shown while there is no server. */
  const answers = signal<ReadonlyMap<string, T>>(new Map());
  /** Why the last question has no answer; null when it has one. */
  const trouble = signal<string | null>(null);
  const loading = signal(false);
  let person = '';
  let before: T | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let notBefore = 0;
  let stale = false;

  /** The answer to what is asked; the one before it while that is on its way; null when there is none. */
  const shown = computed(() => {
    const found = answers.value.get(path.value ?? '');
    if (found) before = found;
    return found ?? (trouble.value === null ? before : null);
  });
  /** Whether it is as good as one made now. */
  const isCurrent = computed(() => trouble.value === null && inStep.value);

  const keep = (question: string, answer: T) => {
    const kept = [...answers.value].filter(([one]) => one !== question).slice(1 - KEPT);
    answers.value = new Map([...kept, [question, answer]]);
  };
  const schedule = (wait: number) => {
    stale = true;
    clearTimeout(timer);
    timer = setTimeout(() => void load(), wait);
  };
  const refresh = () => schedule(0);
  const refreshSoon = () => {
    if (timer === undefined) schedule(Math.max(GATHER_MS, notBefore - performance.now()));
  };
  const load = async () => {
    timer = undefined;
    const question = path.value;
    if (!stale || loading.value || document.hidden || question === null) return;
    stale = false;
    loading.value = true;
    const asker = person;
    try {
      const answer = await ask<T>('GET', question);
      if (asker === person) keep(question, answer);
      trouble.value = null;
    } catch (error) {
      trouble.value = error instanceof RequestRefused ? error.message : 'The server can’t be reached.';
    }
    notBefore = performance.now() + SPACING_MS;
    loading.value = false;
    if (question !== path.value) refresh();
    else if (stale) refreshSoon();
  };
  /** Who signs in after another sees nothing of theirs. */
  const forgetOthers = () => {
    const id = user.value?.id ?? '';
    if (id === person) return;
    person = id;
    before = null;
    answers.value = new Map();
  };
  /** Keeps the answer true until the function it returns is called. */
  const follow = () => {
    const seen = () => stale && refreshSoon();
    const stops = [
      effect(forgetOthers),
      effect(() => {
        void path.value;
        trouble.value = null;
        refresh();
      }),
      effect(() => {
        if (inStep.value) refreshSoon();
      }),
      onEvent(refreshSoon),
    ];
    const minute = setInterval(() => sessions.value.some(isRunning) && refreshSoon(), MINUTE_MS);
    document.addEventListener('visibilitychange', seen);
    return () => {
      stops.forEach((stop) => stop());
      clearInterval(minute);
      clearTimeout(timer);
      timer = undefined;
      document.removeEventListener('visibilitychange', seen);
    };
  };
  return { answers, shown, isCurrent, trouble, loading, refresh, follow };
}
