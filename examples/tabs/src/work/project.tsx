import type { Group } from 'lockstep-client';
import { Form } from '../parts/form.tsx';
import { confirmed } from '../parts/modal.tsx';
import { Reveal } from '../parts/reveal.tsx';
import { Waits } from '../parts/waits.tsx';
import { goTo } from '../shell/views.ts';
import { command, workSessions } from '../state/store.ts';
import { Figures, useTimeTracking } from './figures.tsx';
import { PastSessions } from './past-sessions.tsx';
import { Problems } from './problems.tsx';
import { projectRows } from './projects.tsx';
import { StartWork, startWork } from './start-work.tsx';
import { WorkSession } from './work-session.tsx';

export function Project({ project }: { project: Group }) {
  const live = workSessions.value.filter(({ session }) => session.groupId === project.id);
  const time = useTimeTracking(project).value;
  return (
    <>
      {project.description && <p class="quiet kept-lines">{project.description}</p>}
      <div class="actions">
        <button type="button" class={live.length === 0 ? 'primary' : ''} onClick={() => void startWork(project, {})}>
          Start work
        </button>
        <Reveal label="Start with a plan" id="new-session">{(close) => <StartWork project={project} done={close} />}</Reveal>
        <Reveal label="Edit project" kind="ghost">
          {(close) => <EditProject project={project} done={close} />}
        </Reveal>
        {live.length > 0 ? (
          <span class="hint">Finish its sessions to delete it.</span>
        ) : (
          <button type="button" class="ghost" onClick={() => void remove(project)}>
            Delete project
          </button>
        )}
        <Waits of={project.id} />
      </div>
      {live.length > 0 && (
        <section aria-labelledby="now-title">
          <h3 id="now-title">Working now</h3>
          <ul class="cards wide" role="list">
            {live.map((held) => (
              <WorkSession key={held.session.id} held={held} />
            ))}
          </ul>
        </section>
      )}
      <Problems project={project} />
      <Figures project={project} time={time} />
      <PastSessions project={project} time={time} />
    </>
  );
}

function EditProject({ project, done }: { project: Group; done: () => void }) {
  const save = (_: unknown, changed: object) => {
    if (Object.keys(changed).length === 0) return;
    return command({ type: 'editGroup', group: project.id, ...changed }, `Edit “${project.name}”`);
  };
  return <Form label="Edit project" rows={projectRows(project)} submit="Save" done={done} onSubmit={save} />;
}

async function remove(project: Group): Promise<void> {
  const text = 'This can’t be undone. Its sessions stay in your history, its timers go on without a group.';
  if (!(await confirmed(`Delete “${project.name}”?`, text, 'Delete project'))) return;
  const { ok } = await command({ type: 'deleteGroup', group: project.id }, `Delete “${project.name}”`);
  if (ok && location.hash.endsWith(project.id)) goTo('work');
}
