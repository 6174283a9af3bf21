// Stands before the emulator as Google: the emulator's tokens are signed by nobody, here they get a signature, and the
// keys are published in both of Google's forms. All else goes through as it is.
import { createServer, request as ask } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { certificatesOf, jwksOf, makeCertifiedKey, signToken } from '../integration/support/issuer.mjs';
import { project } from './emulator.mjs';

const documents = { '/x509': certificatesOf, '/jwk': jwksOf };

// Where a sign-up, a sign-in and a refresh have the token.
const places = ['idToken', 'id_token', 'access_token'];

export const claimsIn = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());

export class FirebaseIssuer {
  static async start(emulator) {
    const issuer = new FirebaseIssuer();
    issuer.emulator = emulator;
    issuer.published = [makeCertifiedKey()];
    [issuer.key] = issuer.published;
    issuer.asked = 0;
    issuer.claims = {}; // which the next tokens have in the place of the emulator's
    issuer.signs = true;
    issuer.server = createServer((request, response) => issuer.serve(request, response));
    await new Promise((resolve) => issuer.server.listen(0, '127.0.0.1', resolve));
    issuer.url = `http://127.0.0.1:${issuer.server.address().port}`;
    return issuer;
  }

  // The server's options, with the keys in the form of `document`.
  options(document = '/x509') {
    return ['--firebase-project', project, '--jwks', this.url + document];
  }

  serve(request, response) {
    const document = documents[request.url];
    if (!document) return this.pass(request, response).catch((error) => response.destroy(error));
    this.asked++;
    const headers = { 'content-type': 'application/json; charset=UTF-8', 'cache-control': 'public, max-age=21600, must-revalidate, no-transform' };
    response.writeHead(200, headers).end(document(...this.published));
  }

  async pass(request, response) {
    const { method, headers } = request;
    const body = await buffer(request);
    const answer = await new Promise((resolve, reject) => {
      // Unpacked, so that it can be read.
      const there = ask(this.emulator.url + request.url, { method, headers: { ...headers, 'accept-encoding': 'identity' } }, resolve);
      there.on('error', reject).end(body);
    });
    const signed = this.signAll(await buffer(answer));
    const { 'content-length': _, 'transfer-encoding': __, ...kept } = answer.headers;
    response.writeHead(answer.statusCode, { ...kept, 'content-length': signed.length }).end(signed);
  }

  signAll(bytes) {
    if (!this.signs || bytes[0] !== '{'.charCodeAt(0)) return bytes;
    const said = JSON.parse(bytes.toString());
    for (const place of places) if (said[place]) said[place] = this.sign(said[place]);
    return Buffer.from(JSON.stringify(said));
  }

  sign(token, key = this.key) {
    return signToken({ ...claimsIn(token), ...this.claims }, key);
  }

  // The next tokens end so soon; without a number they are the emulator's again, which live an hour.
  endIn(seconds) {
    this.claims = seconds === undefined ? {} : { exp: Math.floor(Date.now() / 1000) + seconds };
  }

  // A new key is published beside the old one, and signs from now on. Answers with the old one.
  rotate() {
    const old = this.key;
    this.key = makeCertifiedKey();
    this.published.push(this.key);
    return old;
  }

  // Only the newest is left.
  retire() {
    this.published = [this.key];
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}
