// The few plain HTTP requests of the page.

/** True where the server makes tokens for anyone who asks (dev mode). Throws when it can't be reached. */
export async function serverIsDev(): Promise<boolean> {
  const answer = await fetch('/version', { headers: { accept: 'application/json' } });
  if (!answer.ok) return false;
  const version: unknown = await answer.json().catch(() => null);
  return typeof version === 'object' && version !== null && (version as { dev?: unknown }).dev === true;
}

export class DevTokenRefused extends Error {
  /** The server has no dev mode (any more). */
  readonly notDev: boolean;

  constructor(message: string, notDev: boolean) {
    super(message);
    this.notDev = notDev;
  }
}

/** A token for `user` from a server in dev mode. */
export async function fetchDevToken(user: string): Promise<string> {
  const answer = await fetch('/v1/dev/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ user }),
  });
  const body = (await answer.json().catch(() => null)) as { token?: unknown; error?: { message?: string } } | null;
  if (answer.ok && typeof body?.token === 'string') return body.token;
  const notDev = answer.status === 404 || answer.status === 403;
  throw new DevTokenRefused(body?.error?.message ?? `The server answered ${answer.status}.`, notDev);
}
