// What the server answers to a GET: asked for when it is looked at and again after events that concern it, kept for
// when the server is away.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { EventMessage } from 'lockstep-client';
import { ask } from '../state/account.ts';
import { inStep, now, onEvent, user } from '../state/store.ts';
import { timeOfDay } from './format.ts';
import { RequestRefused } from '../state/server.ts';

export interface Answer<T> {
  value: T | null;
  /** The server's time at which it was so. */
  atMs: number;
  refused: string | null;
  /** Asked for since it is looked at, not kept from earlier. */
  fresh: boolean;
}

const NOTHING: Answer<never> = { value: null, atMs: 0, refused: null, fresh: false };
/** Several events come at once; one question after them will do. */
const GATHER_MS = 150;
const RETRY_MS = 3_000;
const KEPT = 60;
const kept = new Map<string, Answer<unknown>>();

const keyOf = (path: string) => `${user.peek()?.id} ${path}`;
const known = <T,>(path: string) => (kept.get(keyOf(path)) ?? NOTHING) as Answer<T>;

function keep(path: string, answer: Answer<unknown>): void {
  kept.delete(keyOf(path));
  kept.set(keyOf(path), answer);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
}

export function useAnswer<T>(path: string, concerns: (event: EventMessage) => boolean): Answer<T> {
  const [shown, show] = useState({ path, answer: known<T>(path) });
  const concernsNow = useRef(concerns);
  concernsNow.current = concerns;
  const reachable = inStep.value;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let asking = false;
    let over = false;
    const load = async () => {
      timer = undefined;
      asking = true;
      const { answer, again } = await fetched<T>(path);
      asking = false;
      if (over) return;
      show({ path, answer });
      if (again) timer ??= setTimeout(() => void load(), RETRY_MS);
    };
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        if (asking) soon();
        else void load();
      }, GATHER_MS);
    };
    show({ path, answer: known<T>(path) });
    if (reachable) void load();
    const off = onEvent((event) => concernsNow.current(event) && soon());
    return () => {
      over = true;
      clearTimeout(timer);
      off();
    };
  }, [path, reachable]);
  return shown.path === path ? shown.answer : known<T>(path);
}

/** `again` where another try may go better. */
async function fetched<T>(path: string): Promise<{ answer: Answer<T>; again: boolean }> {
  const key = keyOf(path);
  try {
    const value = await ask<T>('GET', path);
    const answer = { value, atMs: now.peek(), refused: null, fresh: false };
    if (key === keyOf(path)) keep(path, answer);
    return { answer: { ...answer, fresh: true }, again: false };
  } catch (error) {
    const { status, message } = error instanceof RequestRefused ? error : { status: 503, message: 'the server was not reached' };
    return { answer: { ...known<T>(path), refused: message }, again: status === 401 || status === 429 || status >= 500 };
  }
}

interface Props<T> {
  of: Answer<T>;
  children: (value: T) => ComponentChildren;
}

/** Shows an answer, or says why there is none. */
export function Answered<T>({ of, children }: Props<T>) {
  const { value, atMs, refused } = of;
  return (
    <>
      {refused && inStep.value && <p class="problem">That can’t be shown: {refused}</p>}
      {!inStep.value && (
        <p class="hint">{value ? `Offline: as of ${timeOfDay(atMs)}.` : 'Offline: this comes when the server is back.'}</p>
      )}
      {value && children(value)}
    </>
  );
}

export interface List<T> {
  items: T[];
  total: number;
}

interface PagesProps<T> {
  path: string;
  limit: number;
  concerns: (event: EventMessage) => boolean;
  /** Where the list is empty. */
  none: string;
  label: string;
  children: (item: T) => ComponentChildren;
}

/** A list of the server's, as many pages of it as the person has asked for. */
export function Pages<T>({ path, limit, concerns, none, label, children }: PagesProps<T>) {
  const [pages, setPages] = useState(1);
  const all = useRef<HTMLParagraphElement>(null);
  const more = (total: number) => {
    setPages(pages + 1);
    // The button goes with the last page.
    if (total <= (pages + 1) * limit) requestAnimationFrame(() => all.current?.focus());
  };
  const first = useAnswer<List<T>>(`${path}limit=${limit}&page=1`, concerns);
  return (
    <Answered of={first}>
      {({ items, total }) => (
        <>
          {total === 0 && <p class="empty">{none}</p>}
          {total > 0 && (
            <ul class="rows" role="list" aria-label={label}>
              {items.map(children)}
              {Array.from({ length: pages - 1 }, (_, i) => (
                <Page key={i} path={`${path}limit=${limit}&page=${i + 2}`} concerns={concerns}>
                  {children}
                </Page>
              ))}
            </ul>
          )}
          {total > pages * limit && (
            <button type="button" onClick={() => more(total)}>
              Show more ({total - pages * limit})
            </button>
          )}
          {pages > 1 && total <= pages * limit && (
            <p class="hint" tabIndex={-1} ref={all}>
              All {total} shown.
            </p>
          )}
        </>
      )}
    </Answered>
  );
}

function Page<T>({ path, concerns, children }: Pick<PagesProps<T>, 'path' | 'concerns' | 'children'>) {
  const { value } = useAnswer<List<T>>(path, concerns);
  return <>{value?.items.map(children)}</>;
}
