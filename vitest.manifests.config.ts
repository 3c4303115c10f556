import { defineConfig } from 'vitest/config';

/** The Kubernetes manifests alone, as `npm run test:container` has them too: no container engine, no image. */
export default defineConfig({
  test: {
    include: ['manifests', 'pod', 'chart', 'workflows'].map((name) => `test/proof/container/${name}.test.ts`),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
  },
});
