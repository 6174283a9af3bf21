// Drawn beside words, never instead of them, so always hidden from assistive technology.

import type { ComponentChildren } from 'preact';

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const PlayIcon = () => (
  <Icon>
    <path d="M5 3.2v9.6L12.6 8z" fill="currentColor" />
  </Icon>
);
export const PauseIcon = () => (
  <Icon>
    <path d="M5.4 3.5v9M10.6 3.5v9" stroke-width="2.4" />
  </Icon>
);
export const CheckIcon = () => (
  <Icon>
    <path d="M3.2 8.6l3 3 6.6-7" />
  </Icon>
);
export const WaitIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="5.6" />
    <path d="M8 5v3.2l2 1.3" />
  </Icon>
);
/** Points down where something is unfolded; what shows it turns it. */
export const FoldIcon = () => (
  <Icon>
    <path d="M4 6l4 4.5L12 6" />
  </Icon>
);

export const Logo = () => (
  <svg class="logo" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
    <rect width="32" height="32" rx="8" fill="#0f766e" />
    <circle cx="12.5" cy="16" r="7" fill="none" stroke="#fff" stroke-opacity=".55" stroke-width="2.4" />
    <circle cx="19.5" cy="16" r="7" fill="none" stroke="#fff" stroke-width="2.4" />
    <path
      d="M19.5 12v4l2.6 2"
      fill="none"
      stroke="#fff"
      stroke-width="2.2"
      stroke-linecap="round"
      stroke-linejoin="round"
    />
  </svg>
);
