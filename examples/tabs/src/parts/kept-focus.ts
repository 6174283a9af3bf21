import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

/** When what `box` holds goes away with the focus in it, the focus goes to the view instead of getting lost. */
export function useKeptFocus(box: RefObject<HTMLElement>): void {
  useLayoutEffect(() => {
    const held = box.current;
    return () => {
      if (held?.contains(document.activeElement)) document.querySelector('main')?.focus({ preventScroll: true });
    };
  }, []);
}
