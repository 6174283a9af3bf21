interface Props {
  /** Of the ring that is filled, 0 to 1. */
  share: number;
  /** What it says to who can't see it; none where the words beside it say the same. */
  label?: string;
}

/** A ring that fills clockwise, as large as its box. */
export function Ring({ share, label }: Props) {
  const filled = Math.min(1, Math.max(0, share));
  const told = label === undefined ? { 'aria-hidden': 'true' as const } : { role: 'img' as const, 'aria-label': label };
  return (
    <svg class="ring" viewBox="0 0 100 100" {...told}>
      <circle cx="50" cy="50" r="46" />
      {filled > 0 && (
        <circle class="filled" cx="50" cy="50" r="46" pathLength={1} stroke-dasharray="1" stroke-dashoffset={1 - filled} />
      )}
    </svg>
  );
}
