// Somebody else, in a process of their own, so that what is measured is the server and not the test: how long their
// commands take, one after the other, phase by phase. It is told of the next phase, and at last to `end`.
//
//     bystander.mjs ws://... token group
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Client } from './client.mjs';

const path = fileURLToPath(import.meta.url);

// Starts one; `phase(name)` begins another phase, `end()` answers with {phase: {count, p50, p99}} in ms.
export async function startBystander(server, person) {
  const child = fork(path, [server.ws, person.token, await person.group()]);
  const heard = () => new Promise((resolve) => child.once('message', resolve));
  await heard();
  return {
    phase: (name) => child.send(name),
    end() {
      const answer = heard();
      child.send('end');
      return answer;
    },
  };
}

function summarize(taken) {
  taken.sort((a, b) => a - b);
  const at = (part) => taken[Math.floor(taken.length * part)];
  return { count: taken.length, p50: at(0.5), p99: at(0.99) };
}

async function stand(ws, token, group) {
  const client = await Client.live({ ws }, { token });
  const phases = {};
  let phase = 'before';
  process.on('message', (name) => (phase = name));
  process.on('disconnect', () => process.exit());
  process.send('ready');
  while (phase !== 'end') {
    const taken = (phases[phase] ??= []);
    const begun = performance.now();
    await client.ask({ type: 'editGroup', group, description: `${begun}` });
    taken.push(performance.now() - begun);
    client.messages.length = client.taken = 0;
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  await client.end();
  for (const name of Object.keys(phases)) phases[name] = summarize(phases[name]);
  process.send(phases, () => process.exit());
}

if (process.argv[1] === path) await stand(...process.argv.slice(2));
