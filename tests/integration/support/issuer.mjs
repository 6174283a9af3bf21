// An issuer of tokens: makes keys, signs with them, and serves them as OpenID providers and Google do.
import { execFileSync } from 'node:child_process';
import { constants, createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const text = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

const algorithms = {
  RS256: {
    make: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
    sign: (bytes, key) => sign('sha256', bytes, key),
  },
  PS256: {
    make: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
    sign: (bytes, key) => sign('sha256', bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
  },
  ES256: {
    make: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    sign: (bytes, key) => sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }),
  },
  EdDSA: {
    make: () => generateKeyPairSync('ed25519'),
    sign: (bytes, key) => sign(null, bytes, key),
  },
};

// A key that nobody has published.
export function makeKey(alg = 'ES256') {
  return named(alg, algorithms[alg].make());
}

function named(alg, { publicKey, privateKey }) {
  const kid = randomUUID();
  return { kid, alg, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
}

// An RSA key, which can be published both ways: with the certificate that Google would put it in.
export function makeCertifiedKey() {
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', '-', '-subj', '/CN=issuer', '-days', '2'];
  const made = execFileSync('openssl', request, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [certificate] = /-----BEGIN CERTIFICATE-----[^]*-----END CERTIFICATE-----\n/.exec(made);
  return { ...named('RS256', { publicKey: createPublicKey(certificate), privateKey: createPrivateKey(made) }), certificate };
}

export function signToken(claims, key, header = {}) {
  const signed = `${text({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header })}.${text(claims)}`;
  return `${signed}.${algorithms[key.alg].sign(Buffer.from(signed), key.privateKey).toString('base64url')}`;
}

// What a token of an hour says.
export function claimsOf(iss, aud, sub, more = {}) {
  const now = Math.floor(Date.now() / 1000);
  return { iss, aud, sub, iat: now, exp: now + 3600, ...more };
}

export const jwksOf = (...keys) => JSON.stringify({ keys: keys.map((key) => key.jwk) });
export const certificatesOf = (...keys) => JSON.stringify(Object.fromEntries(keys.map((key) => [key.kid, key.certificate])));

export class Issuer {
  // Its keys are those given, or one of its own.
  static async start(...keys) {
    const issuer = new Issuer();
    issuer.audience = 'lockstep-test';
    issuer.keys = keys.length ? keys : [makeKey()];
    issuer.asked = { discovery: 0, keys: 0 };
    issuer.cacheControl = 'public, max-age=3600';
    issuer.server = createServer((request, response) => issuer.serve(request, response));
    await new Promise((resolve) => issuer.server.listen(0, '127.0.0.1', resolve));
    issuer.url = `http://127.0.0.1:${issuer.server.address().port}`;
    issuer.heal();
    return issuer;
  }

  // The server's options for an issuer that says itself where its keys are; or they are told.
  get options() {
    return ['--local-issuer', 'on', '--oidc-issuer', this.url, '--oidc-audience', this.audience];
  }

  get optionsWithKeys() {
    return [...this.options, '--jwks', `${this.url}/keys`];
  }

  serve(request, response) {
    const [path] = request.url.split('?');
    if (path === '/.well-known/openid-configuration') {
      this.asked.discovery++;
      this.discovery(request, response);
    } else {
      this.asked.keys++;
      this.publish(request, response);
    }
  }

  answer(response, body, headers = {}) {
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': this.cacheControl, ...headers }).end(body);
  }

  // --- What it can be told to do instead. `discovery` and `publish` can be set to anything else.

  heal() {
    this.discovery = (_, response) => this.answer(response, JSON.stringify({ issuer: this.url, jwks_uri: `${this.url}/keys` }));
    this.publish = (_, response) => this.answer(response, jwksOf(...this.keys));
  }

  fail(status = 500) {
    this.publish = (_, response) => response.writeHead(status).end();
  }

  // Takes the request and never says a word.
  hang() {
    this.publish = () => {};
  }

  // Answers only when told to: returns what tells it.
  hold() {
    let release;
    const released = new Promise((resolve) => (release = resolve));
    this.publish = (_, response) => released.then(() => this.answer(response, jwksOf(...this.keys)));
    return () => {
      this.heal();
      release();
    };
  }

  // A new key in the place of all others.
  rotate(alg) {
    this.keys = [makeKey(alg)];
    return this.keys[0];
  }

  token(user, { key = this.keys[0], claims = {}, header = {} } = {}) {
    return signToken(claimsOf(this.url, this.audience, user, claims), key, header);
  }

  write(path) {
    writeFileSync(path, jwksOf(...this.keys));
  }

  stop() {
    this.server.closeAllConnections?.();
    return new Promise((resolve) => this.server.close(resolve));
  }
}
