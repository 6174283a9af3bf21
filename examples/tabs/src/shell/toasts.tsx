import { signal } from '@preact/signals';

interface Toast {
  id: number;
  text: string;
  kind: 'plain' | 'error';
  action?: { label: string; run: () => void };
}

const SHOWN_MS = 8_000;
const toasts = signal<Toast[]>([]);
const timers = new Map<number, ReturnType<typeof setTimeout>>();
let lastId = 0;

export function toast(text: string, kind: Toast['kind'] = 'plain', action?: Toast['action']): void {
  lastId += 1;
  const one: Toast = action ? { id: lastId, text, kind, action } : { id: lastId, text, kind };
  toasts.value = [...toasts.value.slice(-3), one];
  resume(one.id);
}

function dismiss(id: number): void {
  pause(id);
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

/** One that is pointed at or has the focus stays. */
function pause(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
}

function resume(id: number): void {
  pause(id);
  timers.set(id, setTimeout(() => dismiss(id), SHOWN_MS));
}

export function Toasts() {
  return (
    <div class="toasts" role="region" aria-label="Messages" aria-live="polite">
      {toasts.value.map((one) => (
        <div
          key={one.id}
          class={`toast ${one.kind}`}
          onMouseEnter={() => pause(one.id)}
          onMouseLeave={() => resume(one.id)}
          onFocusIn={() => pause(one.id)}
          onFocusOut={() => resume(one.id)}
        >
          <span>{one.text}</span>
          {one.action && (
            <button
              class="link"
              onClick={() => {
                one.action?.run();
                dismiss(one.id);
              }}
            >
              {one.action.label}
            </button>
          )}
          <button class="icon" aria-label="Close message" onClick={() => dismiss(one.id)}>
            <span aria-hidden="true">×</span>
          </button>
        </div>
      ))}
    </div>
  );
}
