import { defineConfig } from 'vitest/config';

/** The product as it is shipped: image, tarball, manifests. Needs what `scripts/install-container-tools.sh` installs. */
export default defineConfig({
  test: {
    include: ['test/proof/container/**/*.test.ts'],
    globalSetup: ['test/proof/container/build.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 1,
  },
});
