// The few plain HTTP requests of the page.

/** What Firebase's client library is made with. */
export interface FirebaseProject {
  projectId: string;
  apiKey: string;
  authDomain: string;
  /** Asked instead of Google. */
  emulator?: string;
}

/** How people sign in at this server. */
export interface ServerConfig {
  /** It makes tokens for anyone who asks. */
  dev: boolean;
  /** It believes those that `lockstepd token` makes. */
  localIssuer: boolean;
  firebase: FirebaseProject | null;
}

/** Throws when the server can't be reached. */
export async function fetchConfig(): Promise<ServerConfig> {
  const answer = await fetch('/v1/config', { headers: { accept: 'application/json' } });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return (await answer.json()) as ServerConfig;
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

/** What a request was refused with. */
export class RequestRefused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** A request in the name of the person who is signed in. Throws RequestRefused, or TypeError without a server. */
export async function request<T>(token: string, method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json', authorization: `Bearer ${token}` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const answer = await fetch(path, init);
  const value = (await answer.json().catch(() => null)) as { error?: { code?: string; message?: string } } | null;
  if (answer.ok) return value as T;
  const { code = 'internal', message = `The server answered ${answer.status}.` } = value?.error ?? {};
  throw new RequestRefused(answer.status, code, message);
}
