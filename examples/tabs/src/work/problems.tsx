import { useState } from 'preact/hooks';
import { newId, type Group, type Problem } from 'lockstep-client';
import { Pages } from '../parts/answer.tsx';
import { Form, type Row } from '../parts/form.tsx';
import { CheckIcon } from '../parts/icons.tsx';
import { Reveal } from '../parts/reveal.tsx';
import { Waits } from '../parts/waits.tsx';
import { command } from '../state/store.ts';
import { dateText } from '../parts/dates.ts';

/** A problem as the list endpoint has it. */
type Listed = Omit<Problem, 'groupId' | 'version' | 'discoveryMs' | 'resolvedAtMs'> & { discoveryDate: string };

const severities = ['Minor', 'Moderate', 'Major', 'Critical'].map((one) => [one, one] as const);
const solution = (value: string | null = ''): Row => ({
  name: 'solutionPlan',
  label: 'Solution plan',
  kind: 'area',
  value: value ?? '',
  max: 1000,
});
const rowsOf = (problem?: Listed): readonly Row[] => [
  { name: 'description', label: 'What is wrong', kind: 'area', value: problem?.description, required: true, min: 10, max: 1000, hint: 'At least 10 characters' },
  { name: 'severity', label: 'Severity', kind: 'choice', options: severities, value: problem?.severity ?? 'Minor' },
  { name: 'costImpact', label: 'Cost impact', kind: 'decimal', value: problem?.costImpact ?? null },
  { name: 'timeImpact', label: 'Time impact', kind: 'decimal', value: problem?.timeImpact ?? null },
  solution(problem?.solutionPlan),
  { name: 'isCommonProblem', label: 'A common problem', kind: 'check', value: problem?.isCommonProblem ?? false },
];

export function Problems({ project }: { project: Group }) {
  const [all, setAll] = useState(false);
  const report = ({ severity, ...changed }: Record<string, unknown>, values: Record<string, unknown>) =>
    command(
      { type: 'reportProblem', problem: newId(), group: project.id, severity: severity ?? values['severity'], ...changed },
      `Report “${short(String(values['description']))}”`,
    );
  return (
    <section aria-labelledby="problems-title">
      <h3 id="problems-title">Problems</h3>
      <div class="actions">
        <Reveal label="Report a problem" id="new-problem">
          {(close) => (
            <Form
              label="Report a problem"
              rows={rowsOf()}
              submit="Report"
              done={close}
              onSubmit={(values, changed) => report(changed, values)}
            />
          )}
        </Reveal>
        <label class="tick">
          <input type="checkbox" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
          Show resolved ones
        </label>
      </div>
      <Pages<Listed>
        path={`/projects/${project.id}/problems?`}
        limit={100}
        concerns={({ problem }) => problem?.groupId === project.id}
        none="No problems reported."
        label="Problems"
      >
        {(problem) => (all || !problem.resolved) && <ProblemRow key={problem.id} problem={problem} />}
      </Pages>
    </section>
  );
}

const short = (text: string) => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

function ProblemRow({ problem }: { problem: Listed }) {
  const { id, description, severity, costImpact, timeImpact, solutionPlan, isCommonProblem, resolved } = problem;
  const facts = [
    dateText(Date.parse(problem.discoveryDate)),
    costImpact !== null && `cost ${costImpact}`,
    timeImpact !== null && `time ${timeImpact}`,
    isCommonProblem && 'common',
  ];
  const on = (type: string, verb: string, fields: object) =>
    command({ type, problem: id, ...fields }, `${verb} “${short(description)}”`);
  return (
    <li class="row" aria-label={short(description)}>
      <div class="row-head">
        <span class="row-text kept-lines">{description}</span>
        <Waits of={id} />
        {resolved ? (
          <span class="mark good">
            <CheckIcon /> Resolved
          </span>
        ) : (
          <span class={`mark ${severity.toLowerCase()}`}>{severity}</span>
        )}
      </div>
      <p class="hint">{facts.filter(Boolean).join(' · ')}</p>
      {solutionPlan && <p class="kept-lines">{solutionPlan}</p>}
      <div class="actions small">
        {!resolved && (
          <Reveal label="Resolve">
            {(close) => (
              <Form
                label={`Resolve ${short(description)}`}
                rows={[solution(solutionPlan)]}
                submit="Mark resolved"
                done={close}
                onSubmit={(_, changed) => on('resolveProblem', 'Resolve', changed)}
              />
            )}
          </Reveal>
        )}
        <Reveal label="Edit" kind="ghost">
          {(close) => (
            <Form
              label={`Edit ${short(description)}`}
              rows={rowsOf(problem)}
              submit="Save"
              done={close}
              onSubmit={(_, changed) => (Object.keys(changed).length > 0 ? on('editProblem', 'Edit', changed) : undefined)}
            />
          )}
        </Reveal>
      </div>
    </li>
  );
}
