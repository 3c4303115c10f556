import { stringify } from 'yaml';

/** As somebody would write it into a file. */
export function yamlText(value: object): string {
  return stringify(value, { lineWidth: 120 });
}
