// People who sign in with Firebase: its real client library in pages, its emulator behind an issuer that signs, and a
// server that checks their tokens as it does in production.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../integration/support/bytes.mjs';
import { Client } from '../integration/support/client.mjs';
import { signToken } from '../integration/support/issuer.mjs';
import { isRefused } from '../integration/support/person.mjs';
import { Server, patience } from '../integration/support/server.mjs';
import { Emulator } from './emulator.mjs';
import { FirebaseIssuer, claimsIn } from './issuer.mjs';
import { Screens } from './screens.mjs';

const limit = { timeout: 60000 * patience };

let emulator;
let screens;
before(async () => {
  [emulator, screens] = await Promise.all([Emulator.start(), Screens.start()]);
});
after(async () => {
  await screens?.stop();
  assert.deepEqual(await emulator?.stop(), { code: 0, signal: null });
});

// An issuer and a server of the test's own.
async function house(t, document) {
  const issuer = await FirebaseIssuer.start(emulator);
  t.after(() => issuer.stop());
  const server = await Server.start([...issuer.options(document), '--origin', screens.origin], { dev: false });
  t.after(() => server.stop());
  return { issuer, server, open: () => screens.open(t, issuer, server) };
}

let people = 0;
const somebody = () => ({ email: `person${++people}@example.org`, password: 'correct horse' });

async function enter(screen, { email, password }, how) {
  await screen.getByLabel('E-mail').fill(email);
  await screen.getByLabel('Password').fill(password);
  await screen.getByRole('button', { name: how }).click();
  await screen.getByText('in step').waitFor();
}

// Signed up and in step.
async function newcomer({ open }) {
  const screen = await open();
  await enter(screen, somebody(), 'Sign up');
  return screen;
}

// In what follows, functions run in the page, whose `page` is.
const tokenOf = (screen, fresh) => screen.evaluate((again) => page.token(again), fresh);
const renew = (screen) => screen.evaluate(() => page.renew());
const ready = (screen) => screen.evaluate(() => page.connection.ready);
const closed = (screen) => screen.evaluate(() => page.connection.closed);
const messages = (screen) => screen.evaluate(() => page.connection.messages);
const ask = (screen, message) => screen.evaluate((one) => page.connection.ask(one), message);
const connect = (screen, token) => screen.evaluate((one) => page.connect(one), token);

async function works(screen) {
  const added = await ask(screen, { type: 'addSession', title: 'Tea', initialDuration: 60 });
  assert.equal(added.ok, true, JSON.stringify(added));
}

const asks = (server, token) => server.request('GET', '/me', { token });

async function isTurnedAway(server, token, code) {
  isRefused(await asks(server, token), 401, { code });
  const client = new Client(server);
  await client.next((m) => m.type === 'hello');
  const refused = await client.ask({ type: 'auth', token });
  assert.equal(refused.error.code, code);
  assert.deepEqual(await client.closed, { code: 4401, reason: code });
}

test('one person on two screens is in step, and another sees nothing', limit, async (t) => {
  const home = await house(t);
  const [desk, phone, stranger] = await Promise.all([home.open(), home.open(), home.open()]);
  const account = somebody();
  await enter(desk, account, 'Sign up');
  await enter(phone, account, 'Sign in');
  await enter(stranger, somebody(), 'Sign up');

  const claims = claimsIn(await tokenOf(desk));
  assert.equal(claims.iss, 'https://securetoken.google.com/demo-lockstep');
  for (const screen of [desk, phone]) {
    const { userId, mode } = await ready(screen);
    assert.deepEqual([userId, mode], [claims.sub, 'snapshot']);
  }
  assert.equal((await ready(desk)).tokenExpiresAtMs, claims.exp * 1000);
  assert.notEqual((await ready(stranger)).userId, claims.sub);

  await desk.getByLabel('Title').fill('Read');
  await desk.getByRole('button', { name: 'Add timer' }).click();
  await phone.getByRole('button', { name: 'start' }).click();
  await desk.getByText('Read: RUNNING').waitFor();
  await desk.getByRole('button', { name: 'pause' }).click();
  await phone.getByText('Read: PAUSED').waitFor();

  // The stranger's own comes after whatever there was of the others'.
  await works(stranger);
  const seen = (await messages(stranger)).filter((m) => m.type === 'event');
  assert.deepEqual(seen.map((m) => [m.seq, m.event]), [[1, 'addSession']]);
  assert.equal(await stranger.getByRole('listitem').count(), 1);
});

test('a page reads over HTTP with the same token', limit, async (t) => {
  const home = await house(t);
  const screen = await newcomer(home);
  const me = await screen.evaluate(async (address) => {
    const answer = await fetch(address, { headers: { authorization: `Bearer ${await page.token()}` } });
    return answer.json();
  }, `${home.server.http}/me`);
  const claims = claimsIn(await tokenOf(screen));
  assert.deepEqual([me.id, me.email], [claims.sub, claims.email]);
});

test('a page that is loaded again is still signed in', limit, async (t) => {
  const home = await house(t);
  const screen = await newcomer(home);
  const { userId } = await ready(screen);
  await works(screen);
  await screen.reload();
  await screen.getByText('Tea').waitFor();
  assert.equal((await ready(screen)).userId, userId);
});

test('a live socket is renewed', limit, async (t) => {
  const home = await house(t);
  const screen = await newcomer(home);
  const before = await ready(screen);
  home.issuer.endIn(7200);
  const renewed = await renew(screen);
  assert.equal(renewed.ok, true, JSON.stringify(renewed));
  assert.ok(renewed.tokenExpiresAtMs > before.tokenExpiresAtMs);
  assert.equal(renewed.tokenExpiresAtMs, claimsIn(await tokenOf(screen)).exp * 1000);
  await works(screen);
});

// Seconds: enough to get from the issuer to the server on a busy machine. The two wait for it together.
const soon = 10;

describe('a token that ends', { concurrency: true }, () => {
  test('told that the token ends, a page renews it and stays', limit, async (t) => {
    const home = await house(t);
    const screen = await newcomer(home);
    home.issuer.endIn(soon);
    const short = await tokenOf(screen, true);
    home.issuer.endIn();
    await connect(screen, short);
    await until(async () => (await messages(screen)).some((m) => m.type === 'result' && m.tokenExpiresAtMs > Date.now() + 600000), 'the renewal');
    const { tokenExpiresAtMs, connectionId } = await ready(screen);
    assert.equal(tokenExpiresAtMs, claimsIn(short).exp * 1000);
    await until(() => Date.now() > tokenExpiresAtMs + 1000, 'the end of the first token');
    await works(screen);
    assert.equal((await ready(screen)).connectionId, connectionId);
  });

  test('not renewed, it is closed at the token’s end, and the next one takes up again', limit, async (t) => {
    const home = await house(t);
    const screen = await newcomer(home);
    await works(screen);
    await screen.evaluate(() => (page.renews = false));
    home.issuer.endIn(soon);
    const short = await tokenOf(screen, true);
    home.issuer.endIn();
    await connect(screen, short);
    assert.deepEqual(await closed(screen), { code: 4401, reason: 'tokenExpired' });
    assert.ok(Date.now() >= claimsIn(short).exp * 1000);
    assert.ok((await messages(screen)).some((m) => m.type === 'authExpiring'));

    await isTurnedAway(home.server, short, 'tokenExpired');
    await tokenOf(screen, true);
    await connect(screen);
    await screen.getByText('in step').waitFor();
    await screen.getByText('Tea').waitFor();
  });
});

test('somebody else who signs in on the same socket closes it', limit, async (t) => {
  const home = await house(t);
  const screen = await newcomer(home);
  const first = (await ready(screen)).userId;
  await screen.evaluate(() => page.signOut());
  assert.equal(await screen.evaluate(() => page.auth.currentUser), null);
  await screen.evaluate((account) => page.signUp(account).then(() => {}), somebody());
  await screen.evaluate(async () => page.connection.send({ type: 'auth', id: 'other', token: await page.token() }));
  assert.equal((await closed(screen)).code, 4403);
  await connect(screen);
  await screen.getByText('in step').waitFor();
  assert.notEqual((await ready(screen)).userId, first);
});

test('a token as the emulator makes it, signed by nobody, signs nobody in', limit, async (t) => {
  const home = await house(t);
  const screen = await newcomer(home);
  home.issuer.signs = false;
  const unsigned = await tokenOf(screen, true);
  assert.match(unsigned, /\.$/);
  assert.deepEqual(JSON.parse(Buffer.from(unsigned.split('.')[0], 'base64url').toString()).alg, 'none');
  await isTurnedAway(home.server, unsigned, 'tokenInvalid');

  // As a renewal it is refused too, and the socket lives on.
  const refused = await renew(screen);
  assert.deepEqual([refused.ok, refused.error?.code], [false, 'tokenInvalid']);
  await works(screen);

  await connect(screen, unsigned);
  assert.deepEqual(await closed(screen), { code: 4401, reason: 'tokenInvalid' });
  assert.deepEqual((await messages(screen)).map((m) => m.error?.code ?? m.type), ['hello', 'tokenInvalid']);
});

test('tokens of another project, and of other keys, sign nobody in', limit, async (t) => {
  const home = await house(t);
  const { issuer, server } = home;
  const good = claimsIn(await tokenOf(await newcomer(home)));
  const others = [{ aud: 'other' }, { iss: 'https://securetoken.google.com/other' }, { sub: '' }, { auth_time: good.exp + 3600 }];
  for (const claims of others) await isTurnedAway(server, signToken({ ...good, ...claims }, issuer.key), 'tokenInvalid');
  const { privateKey } = issuer.rotate();
  await isTurnedAway(server, signToken(good, { ...issuer.key, privateKey }), 'tokenInvalid');
});

for (const document of ['/x509', '/jwk']) {
  test(`keys change, published at ${document}: nobody is turned away, and the old key’s time ends`, limit, async (t) => {
    const home = await house(t, document);
    const { issuer, server } = home;
    const screen = await newcomer(home);
    assert.equal(issuer.asked, 1);

    const old = issuer.rotate();
    const renewed = await renew(screen);
    assert.equal(renewed.ok, true, JSON.stringify(renewed));
    const other = await newcomer(home);
    assert.deepEqual((await messages(other)).slice(0, 2).map((m) => m.type), ['hello', 'ready']);
    assert.equal(issuer.asked, 2);

    // As long as the answer says, the old key is good; so no token is looked up in vain while both are about.
    issuer.retire();
    const claims = claimsIn(await tokenOf(screen));
    let number = 0;
    const byOld = () => signToken({ ...claims, jti: `${++number}` }, old);
    assert.equal((await asks(server, byOld())).status, 200);
    assert.equal(issuer.asked, 2);

    server.process.kill('SIGHUP');
    await until(async () => (await asks(server, byOld())).status === 401, 'the end of the old key');
    assert.equal(issuer.asked, 3);
    await isTurnedAway(server, byOld(), 'tokenInvalid');
    for (const one of [screen, other]) {
      assert.equal((await renew(one)).ok, true);
      await works(one);
    }
    assert.equal(issuer.asked, 3);
  });
}

test('nobody was asked but this machine', () => {
  assert.deepEqual([...screens.asked], ['127.0.0.1']);
});
