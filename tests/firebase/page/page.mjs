// Timers of whoever signs in with Firebase: the client that a page's author would write, and no more. The query says
// where Firebase and the server are. `page` is there for whoever wants to do what has no button.
import { initializeApp } from 'firebase/app';
import { connectAuthEmulator, createUserWithEmailAndPassword, getAuth, signInWithEmailAndPassword, signOut } from 'firebase/auth';
import { Connection } from './connection.mjs';

const query = new URLSearchParams(location.search);
const auth = getAuth(initializeApp({ apiKey: 'any', projectId: 'demo-lockstep' }));
connectAuthEmulator(auth, query.get('firebase'), { disableWarnings: true });

const output = document.querySelector('output');
const list = document.querySelector('ul');

const page = {
  auth,
  renews: true,
  token: (fresh = false) => auth.currentUser.getIdToken(fresh),
  signUp: ({ email, password }) => createUserWithEmailAndPassword(auth, email, password),
  signIn: ({ email, password }) => signInWithEmailAndPassword(auth, email, password),
  signOut: () => signOut(auth),

  // A connection of whoever is signed in; or with another token.
  async connect(token) {
    page.connection?.close();
    page.connection = new Connection(query.get('server'), token ?? (await page.token()), { changed: show, expiring: renew });
  },

  renew: async () => page.connection.ask({ type: 'auth', token: await page.token(true) }),
};
globalThis.page = page;

async function renew() {
  if (page.renews) await page.renew();
}

function show() {
  const { state, sessions } = page.connection;
  output.textContent = state;
  list.replaceChildren(...[...sessions.values()].map(row));
}

function row(session) {
  const { id, title, state } = session;
  const item = document.createElement('li');
  const button = document.createElement('button');
  const next = state === 'RUNNING' ? 'pause' : 'start';
  button.textContent = next;
  button.onclick = () => page.connection.ask({ type: next, session: id });
  item.append(`${title}: ${state} `, button);
  return item;
}

document.querySelector('#account').onsubmit = async (event) => {
  event.preventDefault();
  const account = Object.fromEntries(new FormData(event.target));
  try {
    await (event.submitter.value === 'up' ? page.signUp(account) : page.signIn(account));
    await page.connect();
  } catch (error) {
    output.textContent = error.code ?? error.message;
  }
};

document.querySelector('#timer').onsubmit = (event) => {
  event.preventDefault();
  const { title } = Object.fromEntries(new FormData(event.target));
  page.connection.ask({ type: 'addSession', title, initialDuration: 1500 });
};

// Whoever was signed in when the page was last here still is.
await auth.authStateReady();
if (auth.currentUser) await page.connect();
else output.textContent = 'signed out';
