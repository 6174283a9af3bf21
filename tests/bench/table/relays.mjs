// What hands messages on and keeps none: a broker each, with a configuration for the run, on a port of 127.0.0.1 that is free.
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

import { begin } from './child.mjs';
import { folder } from './settings.mjs';

const nchan = '/usr/lib/nginx/modules/ngx_nchan_module.so';
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// MQTT over bare TCP, the cheaper of its two ways. As root it would become another user, who can't read the folder.
const mosquitto = (port) => `listener ${port} 127.0.0.1
allow_anonymous true
persistence false
set_tcp_nodelay true
log_dest stderr
log_type error
${process.getuid() === 0 ? 'user root' : ''}
`;

const nats = (port) => `host: 127.0.0.1
port: ${port}
max_connections: 65536
`;

// A worker for each processor: it is faster than one, although they hand messages to each other.
const nginx = (port, place) => `load_module ${nchan};
daemon off;
worker_processes auto;
pid ${place}/pid;
error_log stderr error;
events { worker_connections 19900; }
http {
  access_log off;
  keepalive_requests 1000000000;
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${place}/${name};`).join('\n')}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location ~ ^/channel/(\\d+)$ {
      nchan_subscriber websocket;
      nchan_channel_id $1;
      nchan_subscriber_first_message newest;
      nchan_subscriber_timeout 0;
    }
    location ~ ^/publish/(\\d+)$ {
      nchan_publisher http;
      nchan_channel_id $1;
      nchan_store_messages off;
    }
  }
}
`;

// `peer` is what the load generator calls its protocol.
export const relays = {
  mosquitto: { peer: 'mqtt', configuration: mosquitto, program: '/usr/sbin/mosquitto', words: (file) => ['-c', file] },
  nats: { peer: 'nats', configuration: nats, program: '/usr/sbin/nats-server', words: (file) => ['-c', file] },
  nchan: {
    peer: 'nchan',
    configuration: nginx,
    program: '/usr/sbin/nginx',
    needs: nchan,
    words: (file, place) => ['-p', place, '-c', file],
  },
};
export const missingOf = ({ program, needs = program }) => [program, needs].find((path) => !existsSync(path));

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function isOpen(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

export async function startRelay(kind) {
  const { peer, configuration, program, words } = relays[kind];
  const place = join(folder, kind);
  const port = await freePort();
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  const file = join(place, 'conf');
  writeFileSync(file, configuration(port, place));
  const log = openSync(join(place, 'log'), 'w');
  const { child, stop } = begin([program, ...words(file, place)], log);
  closeSync(log);
  while (!(await isOpen(port))) {
    if (child.exitCode !== null) throw new Error(`${kind} ended: ${readFileSync(join(place, 'log'), 'utf8')}`);
    await sleep(20);
  }
  return { kind, peer, port, pid: child.pid, stop };
}
