// The JSON that a plan is, and a change of it by path. The common shape is {"exercises":[{"name","sets":[{"reps",
// "weight"}]}]}; whatever else is in it stays as it is. Pure.

export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [name: string]: Json };
export type Path = readonly (string | number)[];

/** What a plan may hold, minified. */
export const MOST_BYTES = 48 * 1024;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isPlain = (value: unknown) => value === undefined || value === null || ['string', 'number'].includes(typeof value);

export interface CommonSet extends JsonObject {
  reps: Json;
  weight: Json;
  done: Json;
}
export interface CommonExercise extends JsonObject {
  name: Json;
  sets: CommonSet[];
}

/** The exercises of a structure of the common shape; null for any other. */
export function exercisesOf(structure: Record<string, unknown>): CommonExercise[] | null {
  const { exercises } = structure;
  const isSet = (set: unknown) => isObject(set) && isPlain(set['reps']) && isPlain(set['weight']);
  const isExercise = (one: unknown) =>
    isObject(one) && isPlain(one['name']) && Array.isArray(one['sets']) && one['sets'].every(isSet);
  return Array.isArray(exercises) && exercises.every(isExercise) ? (exercises as CommonExercise[]) : null;
}

export function valueAt(whole: unknown, path: Path): Json | undefined {
  let value = whole as Json | undefined;
  for (const step of path) value = (value as JsonObject | null | undefined)?.[step];
  return value;
}

/** A copy with another value at `path`; undefined takes it out. */
export function withValue<T>(whole: T, [step, ...rest]: Path, value: Json | undefined): T {
  if (step === undefined) return value as T;
  const copy = (Array.isArray(whole) ? [...whole] : { ...whole }) as JsonObject & Json[];
  const next = rest.length > 0 ? withValue(copy[step as number], rest, value) : value;
  if (next !== undefined) copy[step as number] = next;
  else if (Array.isArray(whole)) copy.splice(step as number, 1);
  else delete copy[step];
  return copy as T;
}

/** What was typed, as a number where it is one; undefined for nothing. */
export function typedValue(text: string): Json | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const number = Number(trimmed.replace(',', '.'));
  return Number.isFinite(number) ? number : trimmed;
}

/** The other plain fields of an object, to be shown: "rest: 2 min". */
export function othersOf(object: JsonObject, known: readonly string[]): string {
  return Object.entries(object)
    .filter(([name, value]) => !known.includes(name) && isPlain(value) && value !== null)
    .map(([name, value]) => `${name}: ${value}`)
    .join(' · ');
}

/** A structure out of what was typed, or why it is none. */
export function parseStructure(text: string): { structure: JsonObject } | { wrong: string } {
  let structure: unknown;
  try {
    structure = JSON.parse(text);
  } catch (error) {
    return { wrong: `That is not JSON: ${(error as Error).message}` };
  }
  if (!isObject(structure)) return { wrong: 'It has to be a JSON object: { … }' };
  const wrong = tooLarge(structure);
  return wrong ? { wrong } : { structure };
}

export function tooLarge(structure: JsonObject): string | null {
  const bytes = new TextEncoder().encode(JSON.stringify(structure)).length;
  return bytes > MOST_BYTES ? `It is too large: ${bytes} of at most ${MOST_BYTES} bytes.` : null;
}
