import { defineConfig } from 'vitest/config';

/** The tests of the pure core alone, without server or process: what mutation testing runs again for every mutant. */
export default defineConfig({
  test: {
    include: ['test/core/**/*.test.ts'],
    testTimeout: 20_000,
    maxWorkers: 2,
    // Few inputs for each of some thousand mutants; one that only the other 990 would find wants an example of its own.
    env: { PROPERTY_RUNS: '10' },
  },
});
