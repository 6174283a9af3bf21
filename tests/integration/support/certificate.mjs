// A key and a certificate that it signed itself, good for ever, as two files.
import { generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

// DER: a tag, a length, the content.
function der(tag, ...parts) {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

const sequence = (...parts) => der(0x30, ...parts);
const integer = (n) => der(0x02, Buffer.from([n]));
const time = (text) => der(0x18, Buffer.from(text));
const bits = (bytes) => der(0x03, Buffer.from([0]), bytes);
const ecdsaWithSha256 = sequence(der(0x06, Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02])));
const named = (name) => sequence(der(0x31, sequence(der(0x06, Buffer.from([0x55, 0x04, 0x03])), der(0x0c, Buffer.from(name)))));

const lines = (bytes) => bytes.toString('base64').match(/.{1,64}/g).join('\n');
const pem = (what, bytes) => `-----BEGIN ${what}-----\n${lines(bytes)}\n-----END ${what}-----\n`;

// The options of a server that has one.
export function tlsOptions(dir, name = 'localhost') {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signed = sequence(
    der(0xa0, integer(2)),
    integer(1),
    ecdsaWithSha256,
    named(name),
    sequence(time('20200101000000Z'), time('99991231235959Z')),
    named(name),
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const certificate = sequence(signed, ecdsaWithSha256, bits(sign('sha256', signed, privateKey)));
  const files = { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') };
  writeFileSync(files.cert, pem('CERTIFICATE', certificate));
  writeFileSync(files.key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return ['--tls-cert', files.cert, '--tls-key', files.key];
}
