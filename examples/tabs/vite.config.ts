import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig, transformWithEsbuild, type Plugin } from 'vite';

const server = 'http://127.0.0.1:8080';

/** Makes /sw.js, the service worker, which has to know every file of the build that it serves without a network. */
function offline(): Plugin {
  const source = 'src/worker/offline.ts';
  return {
    name: 'offline',
    apply: 'build',
    enforce: 'post',
    async generateBundle(_, bundle) {
      // Signing in with Firebase needs the network anyway, and is big.
      const made = Object.values(bundle).filter(({ fileName }) => !fileName.includes('firebase'));
      const fixed = readdirSync('public');
      const hash = createHash('sha256');
      for (const one of made) hash.update(one.fileName).update(one.type === 'asset' ? one.source : one.code);
      for (const name of fixed) hash.update(name).update(readFileSync(`public/${name}`));
      const paths = [...made.map(({ fileName }) => `/${fileName}`), ...fixed.map((name) => `/${name}`)];
      const code = await transformWithEsbuild(readFileSync(source, 'utf8'), source, {
        minify: true,
        target: 'es2022',
        define: {
          FILES: JSON.stringify(paths.map((path) => path.replace('/index.html', '/')).sort()),
          VERSION: JSON.stringify(hash.digest('hex').slice(0, 16)),
        },
      });
      this.emitFile({ type: 'asset', fileName: 'sw.js', source: code.code });
    },
  };
}

export default defineConfig({
  plugins: [offline()],
  build: {
    // What every browser since 2023 runs as it is.
    target: 'es2022',
    outDir: '../../build/web',
    emptyOutDir: true,
    // Every file by its own hashed name: nothing is inlined, nothing is loaded by a helper.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  server: {
    // For work on the page: `npm run dev` beside `lockstepd --dev --origin http://localhost:5173`.
    proxy: {
      '/v1': { target: server, ws: true },
    },
  },
});
