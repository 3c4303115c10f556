import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** Kept between runs: the stand-ins for the base images need not be made twice. */
const STORAGE = join(tmpdir(), 'oncall-approver-images');

/** What `scripts/build-image.sh` tells of the image it made. */
export interface BuiltImage {
  readonly image: string;
  readonly storage: string;
  readonly bytes: number;
}

declare module 'vitest' {
  interface ProvidedContext {
    built: BuiltImage;
  }
}

/** Installs what the tests need and builds the image, once for all tests of the folder. */
export default function setup(project: TestProject): void {
  execFileSync(join(ROOT, 'scripts/install-container-tools.sh'), { stdio: ['ignore', 'ignore', 'inherit'] });
  const output = execFileSync(join(ROOT, 'scripts/build-image.sh'), [STORAGE], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { image, bytes } = JSON.parse(output.trim().split('\n').at(-1) ?? '') as Omit<BuiltImage, 'storage'>;
  project.provide('built', { image, bytes, storage: STORAGE });
}
