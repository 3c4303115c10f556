import { expect } from 'vitest';
import type { Finding } from '../../src/doctor/finding.ts';

/**
 * Holds what is found in each world against the file of what was approved: the first world is told whole, of the others what is another
 * than there, and what is missing. Of a text that goes on with a role as YAML the first line.
 */
export async function expectApproved<World>(
  file: string,
  worlds: Readonly<Record<string, World>>,
  findingsOf: (world: World) => readonly Finding[] | Promise<readonly Finding[]>,
): Promise<void> {
  let usual: readonly Finding[] = [];
  let text = '';
  for (const [what, world] of Object.entries(worlds)) {
    const found = await findingsOf(world);
    const others = new Set(usual.map(lineOf));
    const missing = usual.filter(({ subject }) => !found.some((each) => each.subject === subject));
    const lines = [
      ...found.map(lineOf).filter((line) => !others.has(line)),
      ...missing.map(({ subject }) => `  nothing on ${subject}`),
    ];
    text += [what, ...lines, ''].join('\n');
    if (usual.length === 0) usual = found;
  }
  await expect(text).toMatchFileSnapshot(file);
}

function lineOf({ state, subject, text }: Finding): string {
  return `  ${state} ${subject}: ${text.split('\n')[0] ?? ''}`;
}
