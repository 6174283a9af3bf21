// Figures and instants as people read them, and back.

export function clockText(totalSeconds: number): string {
  const seconds = Math.max(0, totalSeconds);
  const h = Math.floor(seconds / 3600);
  const m = Math.floor((seconds % 3600) / 60);
  const s = seconds % 60;
  const two = (value: number) => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
}

/** "25 min", "1 h 30 min", "45 s". */
export function lengthText(seconds: number): string {
  const h = Math.floor(seconds / 3600);
  const m = Math.floor((seconds % 3600) / 60);
  const s = Math.round((seconds % 60) * 1000) / 1000;
  const parts = [h > 0 && `${h} h`, m > 0 && `${m} min`, s > 0 && `${s} s`].filter(Boolean);
  return parts.length > 0 ? parts.join(' ') : '0 s';
}

/** How long ago or until, roughly: "8 s", "3 min", "2 h 5 min". */
export function roughText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest > 0 ? `${Math.floor(minutes / 60)} h ${rest} min` : `${minutes / 60} h`;
}

const hourMinute = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const hourMinuteSecond = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

export const timeOfDay = (ms: number): string => hourMinute.format(ms);
export const exactTimeOfDay = (ms: number): string => hourMinuteSecond.format(ms);

/** Minutes typed by a person, "25", "1.5", "1,5" or "1:30", in seconds; null for nothing; NaN for nonsense. */
export function parseMinutes(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const parts = /^(\d+):([0-5]\d)$/.exec(trimmed);
  if (parts) return Number(parts[1]) * 60 + Number(parts[2]);
  if (!/^(\d+([.,]\d*)?|[.,]\d+)$/.test(trimmed)) return NaN;
  return Math.round(Number(trimmed.replace(',', '.')) * 60_000) / 1000;
}

/** Seconds as the Minutes field shows them. */
export function minutesText(seconds: number | null): string {
  if (seconds === null) return '';
  return Number.isInteger(seconds) && seconds % 60 !== 0
    ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
    : String(seconds / 60);
}
