import { configSchema } from '../config/json-schema.ts';
import type { Terminal } from './terminal.ts';

/** `schema`: prints the JSON Schema of the configuration file. Gives exit code 0. */
export async function printSchema(terminal: Terminal): Promise<number> {
  terminal.print(JSON.stringify(configSchema(), null, 2));
  return await Promise.resolve(0);
}
