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

/** The focus, once what held it is gone, goes to what is back at the next paint; by then the person may be elsewhere. */
export function giveFocusBack(to: RefObject<HTMLElement>): void {
  requestAnimationFrame(() => {
    if (document.activeElement === document.body) to.current?.focus();
  });
}
