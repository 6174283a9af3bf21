import { defineConfig } from 'vite';

const server = 'http://127.0.0.1:8080';

export default defineConfig({
  build: {
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
