import { defineConfig } from 'vitest/config';

/** The Kubernetes manifests alone, as `npm run test:container` has them too: no container engine, no image. */
export default defineConfig({
  test: {
    include: ['test/proof/container/manifests.test.ts', 'test/proof/container/pod.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
  },
});
