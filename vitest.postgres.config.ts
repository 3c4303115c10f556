import { defineConfig } from 'vitest/config';

/** What needs a real PostgreSQL; the tests start one of their own from Debian's package `postgresql`. */
export default defineConfig({
  test: {
    include: ['test/postgres/**/*.postgres.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
