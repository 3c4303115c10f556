import { z } from 'zod';
import type { Policy } from '../core/rule.ts';
import { ConfigError } from './config-error.ts';
import { besides } from './files.ts';
import { readIdentityMap, readOwnerMap } from './identity-map.ts';
import { policyOf } from './policy.ts';
import { inWords } from './problem.ts';
import { ConfigFile, type ClaimConfig } from './schema.ts';
import { readYamlFile } from './yaml-file.ts';

/** A claim as it is written, with the rules that it names by a file. */
export interface Claimed {
  readonly written: ClaimConfig;
  readonly other?: Policy;
}

/** The claims of the configuration `file`. Throws ConfigError. */
export function claimsOf({ claims }: ConfigFile, file: string): readonly Claimed[] {
  return claims.map((written) => {
    if (!('same_as' in written)) return { written };
    const named = typeof written.same_as === 'string' ? written.same_as : written.same_as.file;
    return { written, other: otherRules(besides(file, named)) };
  });
}

const Rules = z.looseObject({ rules: ConfigFile.shape.rules });

/** The rules of another file, which need have nothing else: a whole configuration, or its rules alone. Throws ConfigError. */
function otherRules(file: string): Policy {
  const { data } = readYamlFile(file, { what: 'the other rules', shown: file });
  const parsed = Rules.safeParse(data, { error: inWords });
  if (!parsed.success) {
    throw new ConfigError(
      `the rules in \`${file}\` are not as they should be: ${z.prettifyError(parsed.error)}`,
    );
  }
  return policyOf(
    { identities: [], require_sso: true, addresses: 'unmanaged', rules: parsed.data.rules },
    readIdentityMap,
    (path) => readOwnerMap(besides(file, path)),
  );
}
