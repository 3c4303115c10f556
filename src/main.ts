#!/usr/bin/env node
// Static imports of anything else would be loaded before this check, and fail on an old Node with an error of their own.
import { nodeIsTooOld } from './node-version.ts';

const problem = nodeIsTooOld(process.versions.node, process.execPath);
if (problem === null) {
  await import('./program.ts');
} else {
  process.stderr.write(`oncall-approver: ${problem}\n`);
  process.exitCode = 1;
}
