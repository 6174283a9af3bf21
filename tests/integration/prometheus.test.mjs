// Prometheus itself, on the files of packaging/prometheus and packaging/grafana: its checker, its tests of the alerts, and
// the program, which scrapes a server that works and misses one that doesn't.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Watched } from './support/metrics.mjs';
import { Person } from './support/person.mjs';
import { patience, Server } from './support/server.mjs';

const packaging = fileURLToPath(new URL('../../packaging/', import.meta.url));
const file = (name) => join(packaging, name);
const alerts = readFileSync(file('prometheus/alerts.yml'), 'utf8');
const dashboard = JSON.parse(readFileSync(file('grafana/lockstep.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'lockstep-prometheus-'));
after(() => rmSync(folder, { recursive: true }));

// Its output, which must be no complaint.
function promtool(...args) {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { encoding: 'utf8' });
  assert.equal(status, 0, `${error ?? ''}${stdout}${stderr} (packaging/deps.sh test installs promtool)`);
  return stdout + stderr;
}

const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const shown = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
const filled = shown.map((expr) => expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*'));
const alerting = [...alerts.matchAll(/^ +- alert: (\w+)$/gm)].map(([, name]) => name);
const alertExpressions = [...alerts.matchAll(/^ +expr: (?:>-\n((?: {10}.*\n)+)|(.*)$)/gm)].map(([, folded, plain]) => plain ?? folded.replace(/\s+/g, ' ').trim());

let server;
let watched;
before(async () => {
  server = await Server.start(['--metrics', '127.0.0.1:0', '--rate-commands', '10000/10000']);
  watched = await Watched.of(server);
});
after(() => server.stop());

test('the configuration and the alerts are good, and the alerts do as their tests say', () => {
  promtool('check', 'config', file('prometheus/prometheus.yml'));
  promtool('check', 'rules', file('prometheus/alerts.yml'));
  promtool('test', 'rules', file('prometheus/alerts.test.yml'));
});

test('each alert has a test in which it fires, and one in which it doesn’t', () => {
  assert.ok(alerting.length > 10);
  assert.equal(alertExpressions.length, alerting.length);
  const tests = readFileSync(file('prometheus/alerts.test.yml'), 'utf8');
  for (const name of alerting) assert.match(tests, new RegExp(`alertname: ${name}\\n +eval_time: \\w+\\n +exp_alerts:\\n +- exp_labels`), name);
  assert.match(tests, /count\(ALERTS\{alertstate="firing"\}\)/, 'all is well');
});

// The metrics that an expression asks for, with the values that it wants of their labels.
function* asked(expr) {
  for (const [, name, labels] of expr.matchAll(/\b((?:lockstep|process)_\w+)(?:\{([^}]*)\})?/g)) {
    const wanted = [...(labels ?? '').matchAll(/(\w+)(=~|!~|=|!=)"([^"]*)"/g)].filter(([, label]) => label !== 'instance' && label !== 'job');
    yield { name, wanted: wanted.flatMap(([, label, , values]) => values.split('|').map((value) => [label, value])) };
  }
}

test('alerts and dashboard ask for what the server tells', async () => {
  const { samples } = await watched.read();
  let count = 0;
  for (const expr of [...alertExpressions, ...filled]) {
    for (const { name, wanted } of asked(expr)) {
      const found = samples.filter((sample) => sample.name === name);
      assert.ok(found.length, `${name} in ${expr}`);
      for (const [label, value] of wanted) assert.ok(found.some(({ labels }) => labels[label] === value), `${label}="${value}" in ${expr}`);
      count++;
    }
  }
  assert.ok(count > 60, `${count}`);
});

test('what the server tells is on the dashboard', async () => {
  const { families } = await watched.read();
  for (const name of families.keys()) assert.ok(shown.some((expr) => new RegExp(`\\b${name}(_bucket|_sum|_count)?\\b`).test(expr)), name);
});

test('the dashboard is whole: places that don’t overlap, a source and good expressions for each panel', () => {
  const ids = dashboard.panels.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  const taken = new Set();
  for (const { gridPos, title } of dashboard.panels) {
    assert.ok(gridPos.x + gridPos.w <= 24, title);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.ok(!taken.has(`${x},${y}`), title);
        taken.add(`${x},${y}`);
      }
    }
  }
  for (const { title, datasource, targets } of panels) {
    assert.ok(targets.length, title);
    for (const one of [datasource, ...targets.map((target) => target.datasource)]) assert.equal(one.uid, '${datasource}', title);
  }
  const rules = filled.map((expr, i) => `  - record: dashboard:${i}\n    expr: ${JSON.stringify(expr)}\n`).join('');
  writeFileSync(join(folder, 'dashboard.yml'), `groups:\n- name: dashboard\n  rules:\n${rules}`);
  assert.match(promtool('check', 'rules', join(folder, 'dashboard.yml')), new RegExp(`${filled.length} rules found`));
});

// --- The program -----------------------------------------------------------------------------------------------------

class Prometheus {
  // With the configuration and the alerts as they are shipped, but for how often it looks and how long it waits.
  static async start(target) {
    const prometheus = new Prometheus();
    const config = readFileSync(file('prometheus/prometheus.yml'), 'utf8').replaceAll('15s', '1s').replaceAll('127.0.0.1:9464', target);
    writeFileSync(join(folder, 'prometheus.yml'), config);
    writeFileSync(join(folder, 'alerts.yml'), alerts.replaceAll(/\bfor: \w+/g, 'for: 2s'));
    const flags = [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`, '--web.listen-address=127.0.0.1:0', '--log.format=json'];
    prometheus.process = spawn('prometheus', flags, { stdio: ['ignore', 'ignore', 'pipe'] });
    prometheus.exited = new Promise((resolve) => prometheus.process.once('exit', resolve));
    prometheus.log = '';
    prometheus.http = await new Promise((resolve, reject) => {
      prometheus.process.once('error', reject);
      prometheus.exited.then(() => reject(new Error(`prometheus ended: ${prometheus.log}`)));
      prometheus.process.stderr.on('data', (chunk) => {
        prometheus.log += chunk;
        const found = /"address":"(127\.0\.0\.1:[1-9]\d*)"/.exec(prometheus.log);
        if (found) resolve(`http://${found[1]}`);
      });
    });
    return prometheus;
  }

  async get(path) {
    const answer = await fetch(`${this.http}/api/v1/${path}`).catch(() => null);
    const { status, data, error } = (await answer?.json().catch(() => null)) ?? {};
    if (answer?.ok === false && answer.status < 500) assert.fail(`${path}: ${error}`);
    return status === 'success' ? data : null;
  }

  // What it holds to be so now: [{labels, value}].
  async query(expr) {
    const data = await this.get(`query?query=${encodeURIComponent(expr)}`);
    return data && data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  async until(what, look) {
    for (const late = Date.now() + 30000 * patience; ; ) {
      const found = await look();
      if (found) return found;
      assert.ok(Date.now() < late, `waited in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async stop() {
    this.process.kill('SIGTERM');
    await this.exited;
  }
}

// Two screens of a person, until told to stop.
async function busy(person) {
  const clients = [await person.live(), await person.live()];
  const group = await person.group();
  let going = true;
  const done = (async () => {
    for (let i = 0; going; i++) {
      await clients[i % clients.length].ask({ type: 'editGroup', group, name: `${i}` });
      await person.gets('/me');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await Promise.all(clients.map((client) => client.end()));
  })();
  return () => {
    going = false;
    return done;
  };
}

test('Prometheus scrapes a server that works, no alert fires; and it misses one that is gone', async (t) => {
  const prometheus = await Prometheus.start(`127.0.0.1:${watched.port}`);
  t.after(() => prometheus.stop());
  const idle = await busy(await Person.of(server));
  t.after(idle);
  const [up] = await prometheus.until('a first look', async () => {
    const found = await prometheus.query('up{job="lockstep"}');
    return found?.[0]?.value === 1 && found;
  });
  assert.equal(up.labels.job, 'lockstep');
  await prometheus.until('commands a second', async () => (await prometheus.query('sum(rate(lockstep_commands_total{outcome="ok"}[10s]))'))?.[0]?.value > 1);
  const [target] = (await prometheus.get('targets')).activeTargets;
  assert.deepEqual([target.health, target.lastError], ['up', '']);
  const metadata = await prometheus.get('metadata');
  assert.equal(metadata.lockstep_commands_total[0].type, 'counter');
  for (const expr of filled) assert.ok(await prometheus.query(expr.replaceAll('[1m]', '[10s]')), expr);
  const { groups } = await prometheus.get('rules');
  const rules = groups.flatMap((group) => group.rules);
  assert.deepEqual(rules.map(({ name }) => name).sort(), [...alerting].sort());
  await prometheus.until('a look at all alerts', async () => {
    const all = (await prometheus.get('rules')).groups.flatMap((group) => group.rules);
    return all.every(({ health }) => health === 'ok');
  });
  assert.deepEqual(await prometheus.query('ALERTS{alertstate="firing"}'), []);

  await idle();
  await server.kill('SIGTERM');
  await prometheus.until('LockstepDown', async () => (await prometheus.query('ALERTS{alertname="LockstepDown",alertstate="firing"}'))?.length === 1);
  const others = (await prometheus.query('ALERTS{alertstate="firing"}')).map(({ labels }) => labels.alertname);
  assert.deepEqual(others, ['LockstepDown']);
});
