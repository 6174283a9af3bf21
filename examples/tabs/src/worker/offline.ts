// The service worker: keeps the page itself, so that it opens without a network. Online every load gets what the server
// has now; a version that is kept is kept whole, and goes when no page of it is open. What the page asks of the
// server's API never passes here.

/** The page's files, as vite.config.ts found them, and what tells their versions apart. */
declare const FILES: string[];
declare const VERSION: string;

/** What is used of a service worker's world; the types of documents and of workers can't be had together. */
interface World {
  addEventListener(name: string, listener: (event: Lifecycle & Fetching) => void): void;
  clients: { claim(): Promise<void> };
}
interface Lifecycle {
  waitUntil(done: Promise<unknown>): void;
}
interface Fetching {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

const world = globalThis as unknown as World;
const NAME = `lockstep-${VERSION}`;
/** A server that takes longer for the page is not there. */
const PATIENCE_MS = 3_000;

world.addEventListener('install', (event) => event.waitUntil(keepAll()));
world.addEventListener('activate', (event) => event.waitUntil(takeOver()));
world.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (pathname === '/') event.respondWith(page(request));
  else if (FILES.includes(pathname) || pathname.startsWith('/assets/')) event.respondWith(file(request));
});

async function keepAll(): Promise<void> {
  const kept = await caches.open(NAME);
  await kept.addAll(FILES.map((path) => new Request(path, { cache: path.startsWith('/assets/') ? 'default' : 'no-cache' })));
}

/** Happens when no page of the version before is open. */
async function takeOver(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name !== NAME) await caches.delete(name);
  }
  await world.clients.claim();
}

/** The server's, so that a new version shows with the next load. */
async function page(request: Request): Promise<Response> {
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS));
  const answer = await Promise.race([fetch(request).catch(() => null), late]);
  if (answer?.ok) return answer;
  return (await (await caches.open(NAME)).match('/')) ?? answer ?? Response.error();
}

/** Names below /assets/ change with their content, so what is kept is as good as what the server has. */
async function file(request: Request): Promise<Response> {
  const kept = await caches.open(NAME);
  const found = await kept.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) await kept.put(request, answer.clone());
  return answer;
}
