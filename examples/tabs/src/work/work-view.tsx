import { useLayoutEffect, useRef } from 'preact/hooks';
import { pressing } from '../parts/pressing.ts';
import { useShortcuts, type Shortcut } from '../shell/shortcuts.ts';
import { route } from '../shell/views.ts';
import { groups } from '../state/store.ts';
import { Project } from './project.tsx';
import { Projects } from './projects.tsx';
import '../parts/pieces.css';
import './work.css';

const LIST_KEYS: readonly Shortcut[] = [{ keys: 'n', says: 'New project', run: pressing('new-project') }];
const PROJECT_KEYS: readonly Shortcut[] = [
  { keys: 'n', says: 'Start a work session with a plan', run: pressing('new-session') },
  { keys: 'p', says: 'Report a problem', run: pressing('new-problem') },
];

/** All projects, or the one that the address names. */
export function WorkView() {
  const id = route.value[1] || null;
  useShortcuts('Work', id ? PROJECT_KEYS : LIST_KEYS);
  const title = useRef<HTMLHeadingElement>(null);
  const shown = useRef(id);
  useLayoutEffect(() => {
    if (shown.current !== id) title.current?.focus();
    shown.current = id;
  }, [id]);
  const project = groups.value.find((group) => group.id === id);
  return (
    <div class="sections">
      {id && (
        <a class="back" href="#/work">
          ← All projects
        </a>
      )}
      <h2 tabIndex={-1} ref={title}>
        {id ? (project?.name ?? 'No such project') : 'Projects'}
      </h2>
      {!id && <Projects />}
      {id && !project && <p class="empty">This project was deleted. Its sessions are kept in the history.</p>}
      {project && <Project key={project.id} project={project} />}
    </div>
  );
}
