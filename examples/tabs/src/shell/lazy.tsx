import { signal } from '@preact/signals';
import type { FunctionComponent } from 'preact';
import { useEffect } from 'preact/hooks';

export interface Lazy extends FunctionComponent {
  /** Fetches it, unless that was done, so that it is there when it is wanted. */
  preload(): void;
}

/** A component whose code is fetched when it is first wanted. */
export function lazy(load: () => Promise<FunctionComponent>): Lazy {
  const loaded = signal<FunctionComponent | null>(null);
  const failed = signal(false);
  let loading = false;
  const preload = () => {
    if (loading || loaded.value) return;
    loading = true;
    failed.value = false;
    load()
      .then((Component) => (loaded.value = Component))
      .catch(() => (failed.value = true))
      .finally(() => (loading = false));
  };
  const Shown = () => {
    useEffect(preload, []);
    const Component = loaded.value;
    if (Component) return <Component />;
    if (!failed.value) return null;
    return (
      <p class="notice" role="alert">
        This view could not be fetched from the server.{' '}
        <button class="link" onClick={preload}>
          Try again
        </button>
      </p>
    );
  };
  return Object.assign(Shown, { preload });
}
