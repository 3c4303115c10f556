import { besides } from './files.ts';
import type { Problem } from './problem.ts';
import type { ConfigFile } from './schema.ts';
import { secretFromFile, type Secret } from './secret.ts';
