import { newId, type Group } from 'lockstep-client';
import { Form, type Row } from '../parts/form.tsx';
import { Reveal } from '../parts/reveal.tsx';
import { Waits } from '../parts/waits.tsx';
import { command, groups, workSessions } from '../state/store.ts';
import { Elapsed, RunButton } from './clock.tsx';
import { startWork } from './start-work.tsx';

export const projectRows = (project?: Group): readonly Row[] => [
  { name: 'name', label: 'Name', value: project?.name, required: true, max: 200, placeholder: 'Garage' },
  { name: 'description', label: 'Description', kind: 'area', value: project?.description ?? '', max: 2000 },
];

export function Projects() {
  return (
    <>
      <div class="actions">
        <Reveal label="New project" id="new-project" kind={groups.value.length === 0 ? 'primary' : ''}>
          {(close) => (
            <Form
              label="New project"
              rows={projectRows()}
              submit="Add project"
              done={close}
              onSubmit={({ name, description }) =>
                command({ type: 'addGroup', group: newId(), name, description }, `Add “${name}”`)
              }
            />
          )}
        </Reveal>
      </div>
      {groups.value.length === 0 && (
        <p class="empty">No projects yet. A project collects your hours, tasks and problems; groups of timers are projects too.</p>
      )}
      <ul class="cards" role="list">
        {groups.value.map((group) => (
          <ProjectCard key={group.id} project={group} />
        ))}
      </ul>
    </>
  );
}

function ProjectCard({ project }: { project: Group }) {
  const live = workSessions.value.filter(({ session }) => session.groupId === project.id);
  const title = `project-${project.id}`;
  return (
    <li class={live.length > 0 ? 'card stacked live' : 'card stacked'} aria-labelledby={title}>
      <div class="card-head">
        <h3 id={title}>
          <a href={`#/work/${project.id}`}>{project.name}</a>
        </h3>
        <Waits of={project.id} />
      </div>
      {project.description && <p class="quiet clipped">{project.description}</p>}
      {live.map((held) => (
        <div key={held.session.id} class="actions between">
          <Elapsed held={held} />
          <RunButton held={held} />
        </div>
      ))}
      {live.length === 0 && (
        <div class="actions">
          <button type="button" onClick={() => void startWork(project, {})}>
            Start work
          </button>
        </div>
      )}
    </li>
  );
}
