import { askSignOut } from '../shell/app.tsx';
import { signIn } from '../state/account.ts';
import { status, user } from '../state/store.ts';

/** Who is signed in here, and how. */
export function Person() {
  const known = user.value;
  if (!known) return null;
  return (
    <section class="card" aria-labelledby="person-title">
      <h2 id="person-title">You</h2>
      <dl class="who">
        {known.name && <Fact name="Name" value={known.name} />}
        {known.email && <Fact name="E-mail" value={known.email} />}
        <Fact name="User id" value={known.id} />
        <Fact name="Signed in" value={wayText()} />
      </dl>
      <div class="actions">
        <button onClick={askSignOut}>Sign out</button>
      </div>
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function wayText(): string {
  const how = signIn.value;
  const way = how?.firebase ? 'with e-mail and password' : how?.devUser ? 'by name, for development' : 'with a token';
  return status.value.scope === 'read' ? `${way}, to look only` : way;
}
