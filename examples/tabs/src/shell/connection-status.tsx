import { useEffect, useState } from 'preact/hooks';
import { roughText } from '../parts/format.ts';
import type { Status } from 'lockstep-client';
import { status, wake } from '../state/store.ts';

/** Always says how things stand. What it announces are the changes of state, not the counting seconds. */
export function ConnectionStatus() {
  const shown = status.value;
  const settled = shown.phase === 'live' && !shown.catchingUp;
  const mono = useEverySecond(!settled);
  const { tone, text } = describe(shown);
  return (
    <div class="connection">
      <div class={`status ${tone}`} role="status">
        <span class="dot" aria-hidden="true" />
        <span>{text}</span>
        <span class="detail" aria-hidden="true">
          {detail(shown, mono)}
        </span>
      </div>
      {shown.phase === 'waiting' && (
        <button class="link" onClick={wake}>
          Try now
        </button>
      )}
    </div>
  );
}

function describe({ phase, catchingUp, closeCode }: Status): { tone: string; text: string } {
  if (phase === 'live') return catchingUp ? { tone: 'busy', text: 'Catching up…' } : { tone: 'good', text: 'In step' };
  if (phase === 'quiet') return { tone: 'busy', text: 'No word from the server…' };
  if (phase === 'connecting') return { tone: 'busy', text: 'Connecting…' };
  if (phase === 'refused') return { tone: 'busy', text: 'Signing in again…' };
  if (closeCode === 4409) return { tone: 'bad', text: 'Too many screens are open' };
  return { tone: 'bad', text: 'Offline' };
}

function detail({ phase, attempt, lastHeardMono, retryAtMono }: Status, mono: number): string {
  const parts: string[] = [];
  const away = phase === 'waiting' || phase === 'quiet' || (phase === 'connecting' && attempt > 0);
  if (away && lastHeardMono !== null) parts.push(`last seen ${roughText(mono - lastHeardMono)} ago`);
  if (phase === 'waiting') parts.push(`retrying in ${Math.max(1, Math.ceil((retryAtMono - mono) / 1000))} s`);
  return parts.length > 0 ? ` – ${parts.join(', ')}` : '';
}

function useEverySecond(active: boolean): number {
  const [, repaint] = useState(0);
  useEffect(() => {
    if (!active) return;
    const timer = setInterval(() => repaint((count) => count + 1), 500);
    return () => clearInterval(timer);
  }, [active]);
  return performance.now();
}
