import { Option } from '@commander-js/extra-typings';
import type { Terminal } from './terminal.ts';

const VARIABLE = 'ONCALL_APPROVER_CONFIG';
const USUAL_PLACE = '/etc/oncall-approver/oncall-approver.yaml';

/** Where the configuration is when no option says it. */
export function usualConfig(environment: Terminal['environment']): string {
  const named = environment[VARIABLE] ?? '';
  return named === '' ? USUAL_PLACE : named;
}

/** `--config`, which need not be said: `purpose` tells what the file is read for. */
export function configOption({ environment }: Terminal, purpose = 'configuration file (YAML)') {
  return new Option('-c, --config <file>', purpose).default(
    usualConfig(environment),
    `$${VARIABLE}, or ${USUAL_PLACE}`,
  );
}
