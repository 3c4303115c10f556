import { ConfigError } from '../../config/config-error.ts';
import type { Config } from '../../config/load.ts';
import { tryClaim } from './try-claim.ts';

/** Throws ConfigError for rules of which a claim is not proven: whoever wrote it wants no service that goes by them. */
export function provenOnly(config: Config, file: string): Config {
  const failed = config.said.claims
    .map((each) => tryClaim(each, config.policy))
    .filter(({ state }) => state !== 'holds');
  if (failed.length === 0) return config;
  throw new ConfigError(
    [
      `${file}: its rules are not proven to keep what it claims; \`oncall-approver rules prove --config ${file}\` shows why`,
      ...failed.map(({ claim }) => `  ${claim.words}`),
    ].join('\n'),
  );
}
