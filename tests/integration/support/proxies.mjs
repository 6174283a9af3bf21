// The proxies of packaging/, from the files there: only ports, paths and the certificate are put in.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from 'node:tls';
import { until } from './bytes.mjs';

const packaging = fileURLToPath(new URL('../../../packaging/', import.meta.url));
// Debian has some of them where only root looks.
const path = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;

export const hasProxy = (name) => spawnSync('sh', ['-c', `command -v ${name}`], { env: { PATH: path } }).status === 0;

async function freePort() {
  const listener = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  const { port } = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  return port;
}

// Each change must find its place: an example that was edited shall not be tested as something else.
function change(text, changes) {
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`not in the example: ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

function nginx({ dir, port, upstream, cert, key }) {
  const example = change(readFileSync(join(packaging, 'nginx/lockstep.conf'), 'utf8'), [
    ['127.0.0.1:8080', upstream],
    ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
    ['/etc/ssl/lockstep/fullchain.pem', cert],
    ['/etc/ssl/lockstep/privkey.pem', key],
    ['/var/log/nginx/lockstep.log', join(dir, 'access.log')],
  ]);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${dir}/${what};`).join(' ');
  const user = process.getuid() === 0 ? 'user root;' : '';
  const main = `${user} daemon off; pid ${dir}/pid; error_log ${dir}/error.log; events {} http { ${temporary} access_log off; include ${dir}/lockstep.conf; }`;
  writeFileSync(join(dir, 'lockstep.conf'), example);
  writeFileSync(join(dir, 'nginx.conf'), main);
  return ['nginx', '-p', dir, '-e', join(dir, 'error.log'), '-c', join(dir, 'nginx.conf')];
}

function caddy({ dir, port, upstream, cert, key }) {
  const example = change(readFileSync(join(packaging, 'caddy/Caddyfile'), 'utf8'), [
    ['lockstep.example.org {', `https://127.0.0.1:${port} {\n\tbind 127.0.0.1\n\ttls ${cert} ${key}`],
    ['127.0.0.1:8080', upstream],
    ['/var/log/caddy/lockstep.log', join(dir, 'access.log')],
  ]);
  const globals = `{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n\tstorage file_system ${dir}\n}\n`;
  writeFileSync(join(dir, 'Caddyfile'), globals + example);
  return ['caddy', 'run', '--adapter', 'caddyfile', '--config', join(dir, 'Caddyfile')];
}

export class Proxy {
  // `upstream` is "host:port", or a unix socket as the proxy spells it.
  static async start(name, upstream) {
    const proxy = new Proxy();
    proxy.dir = mkdtempSync(join(tmpdir(), `lockstep-${name}-`));
    mkdirSync(join(proxy.dir, 'home'));
    proxy.port = await freePort();
    const [cert, key] = ['cert.pem', 'key.pem'].map((file) => join(proxy.dir, file));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' });
    const command = { nginx, caddy }[name]({ ...proxy, upstream, cert, key });
    const home = join(proxy.dir, 'home');
    proxy.process = spawn(command[0], command.slice(1), { env: { PATH: path, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home }, stdio: ['ignore', 'pipe', 'pipe'] });
    proxy.said = '';
    for (const stream of [proxy.process.stdout, proxy.process.stderr]) stream.on('data', (data) => (proxy.said += data));
    proxy.exited = new Promise((resolve) => proxy.process.once('exit', resolve));
    await until(() => proxy.process.exitCode !== null || proxy.isUp(), () => proxy.said);
    if (proxy.process.exitCode !== null) throw new Error(`${name} ended: ${proxy.said}`);
    return proxy;
  }

  isUp() {
    return new Promise((resolve) => {
      const socket = connect({ port: this.port, host: '127.0.0.1', rejectUnauthorized: false }, () => resolve(true) || socket.destroy());
      socket.on('error', () => resolve(false));
    });
  }

  // What tests/support/client.mjs needs to know of a server.
  get ws() {
    return `wss://127.0.0.1:${this.port}/v1/ws`;
  }

  log(file) {
    try {
      return readFileSync(join(this.dir, file), 'utf8');
    } catch {
      return '';
    }
  }

  async stop() {
    this.process.kill('SIGTERM');
    await this.exited;
    rmSync(this.dir, { recursive: true, force: true });
  }
}
