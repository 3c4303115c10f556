import { defineConfig } from 'vitest/config';

/** The tests of the pure core alone, without server or process: what mutation testing runs again for every mutant. */
export default defineConfig({
  test: {
    include: ['test/core/**/*.test.ts'],
    testTimeout: 20_000,
    maxWorkers: 2,
  },
});
