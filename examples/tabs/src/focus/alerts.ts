// Tells a person who looks elsewhere that something has ended: by a notification, by a sound, by a word on the page.
// The server's events are what it goes by, which reach a page in the background too; without the server, the instants
// that it gave.

import { effect } from '@preact/signals';
import { isRunning, pauseEndsMs, type EventMessage, type Session } from 'lockstep-client';
import { timeOfDay } from '../parts/format.ts';
import { toast } from '../shell/toasts.tsx';
import { goTo, route } from '../shell/views.ts';
import { notifications, sound } from '../state/preferences.ts';
import { now, onEvent, sessions, status } from '../state/store.ts';

/** What ended longer ago, while there was no connection, is no news. */
const NEWS_MS = 2 * 60_000;

interface Alert {
  title: string;
  body: string;
  view: string;
  /** One for all tabs of the browser, and for the server's word of what was told without it. */
  tag: string;
}

/** Some browsers have none, and no page but a secure one has. */
export const canNotify = 'Notification' in globalThis && isSecureContext;

/** From now on, for as long as the page is open. */
export function beginAlerts(): void {
  onEvent(({ event, origin, session, atMs }: EventMessage) => {
    // What a person does, they know.
    if (session && origin?.via === 'server') tell(session, event, atMs);
  });
  effect(() => {
    // Not while it still connects: another screen may have stopped what would end here.
    if (status.value.phase !== 'waiting') return;
    for (const held of sessions.value) {
      const { session } = held;
      const endMs = isRunning(held) ? session.targetTimeMs : pauseEndsMs(session);
      if (endMs !== null && endMs <= now.value) tell(session, isRunning(held) ? 'complete' : 'start', endMs);
    }
  });
}

const told = new Set<string>();

function tell(session: Session, event: string, atMs: number): void {
  const alert = alertOf(session, event, atMs);
  if (!alert || told.has(alert.tag) || now.peek() - atMs > NEWS_MS) return;
  told.add(alert.tag);
  const { title, body, view } = alert;
  if (notifications.peek()) notify(alert);
  if (sound.peek()) void beepInOneTab();
  if (route.peek()[0] !== view) toast(`${title}. ${body}`, 'plain', { label: 'Show', run: () => goTo(view) });
}

function alertOf({ id, kind, title, targetTimeMs, focus }: Session, event: string, atMs: number): Alert | null {
  const tag = `lockstep-${id}-${atMs}`;
  if (kind === 'timer' && event === 'complete') return { title: `“${title ?? ''}” is over`, body: '', view: 'timers', tag };
  if (kind !== 'focus' || !focus) return null;
  if (event === 'complete') return { title: `${focus.plannedMinutes} min of focus are over`, body: 'How did it go?', view: 'focus', tag };
  if (event === 'start') {
    const body = targetTimeMs === null ? '' : `Focus goes on until ${timeOfDay(targetTimeMs)}.`;
    return { title: 'The pause is over', body, view: 'focus', tag };
  }
  return null;
}

function notify({ title, body, view, tag }: Alert): void {
  if (!canNotify || Notification.permission !== 'granted') return;
  const options = { body, tag, icon: '/favicon.svg' };
  try {
    const shown = new Notification(title, options);
    shown.onclick = () => {
      window.focus();
      goTo(view);
      shown.close();
    };
  } catch {
    // On a phone only a service worker may.
    void navigator.serviceWorker?.getRegistration().then((registration) => registration?.showNotification(title, options));
  }
}

const BEEP_SECONDS = 0.9;

/** Two tones that fade. Silent where the browser wants the person to have touched the page first. */
export function beep(): void {
  const audio = new AudioContext();
  [660, 880].forEach((frequency, i) => {
    const at = audio.currentTime + i * 0.25;
    const tone = new OscillatorNode(audio, { frequency });
    const volume = new GainNode(audio, { gain: 0 });
    volume.gain.setTargetAtTime(0.25, at, 0.01);
    volume.gain.setTargetAtTime(0, at + 0.15, 0.08);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.6);
  });
  setTimeout(() => void audio.close(), BEEP_SECONDS * 2000);
}

/** Several tabs hear of the same end; the first that may make a sound does, and the others keep still meanwhile. */
async function beepInOneTab(): Promise<void> {
  if (navigator.userActivation?.hasBeenActive === false) return;
  if (!navigator.locks) return beep();
  await navigator.locks.request('lockstep.beep', { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    beep();
    await new Promise((resolve) => setTimeout(resolve, BEEP_SECONDS * 1000));
  });
}
