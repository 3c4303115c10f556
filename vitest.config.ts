import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Each of these has a run of its own: they need a browser, Go, or a container engine.
    exclude: ['test/browser/**', 'test/proof/interop/**', 'test/proof/container/**'],
    // Processes that tests start load the same modules: compiled once for all of them, it costs half.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url)) },
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // On two cores: half of the time a worker waits for servers and processes. More of them would make the deadlines of the tests lie.
    maxWorkers: 4,
    // To load the modules for each file anew costs more than the tests; no test may leave a global behind for the next.
    isolate: false,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // What only a database, a browser or a terminal can show has test runs of its own.
      exclude: [
        'src/teleport/proto/generated/**',
        'src/main.ts',
        'src/program.ts',
        'src/commands/**',
        'src/ledger/postgres/**',
      ],
      reporter: ['text-summary', 'html'],
      thresholds: {
        'src/core/**': { statements: 100, branches: 100, functions: 100, lines: 100 },
        statements: 90,
        branches: 80,
      },
    },
  },
});
