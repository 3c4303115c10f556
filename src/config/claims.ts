import { stringify } from 'yaml';
import { z } from 'zod';
import type { Policy } from '../core/rule.ts';
import { ConfigError } from './config-error.ts';
import { besides } from './files.ts';
import { readIdentityMap, readOwnerMap } from './identity-map.ts';
import { policyOf } from './policy.ts';
import { inWords } from './problem.ts';
import { ConfigFile, type ClaimConfig } from './schema.ts';
import { readYamlFile } from './yaml-file.ts';

/** A claim, with the rules that it names by a file. */
export interface Claimed {
  readonly written: ClaimConfig;
  /** As it stands in the file, on one line; absent where nobody wrote it. */
  readonly words?: string;
  readonly other?: Policy;
}

const ON_ONE_LINE = { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 } as const;
const Claims = z.looseObject({ claims: z.array(z.unknown()).default([]) });

/** The claims of the configuration `file`, which is `raw` before its settings were read. Throws ConfigError. */
export function claimsOf(config: ConfigFile, file: string, raw: unknown): readonly Claimed[] {
  const { claims: texts } = Claims.parse(raw);
  return config.claims.map((written, index) => {
    const words = stringify(texts[index], ON_ONE_LINE).trim().slice(1, -1);
    if (!('same_as' in written)) return { written, words };
    const named = typeof written.same_as === 'string' ? written.same_as : written.same_as.file;
    return { written, words, other: otherRules(besides(file, named), config) };
  });
}

const WHO_PEOPLE_ARE = ['identities', 'require_sso', 'addresses'] as const;
const { identities, ...shape } = ConfigFile.shape;
const Rules = z
  .looseObject({ ...shape, identities: identities.optional() })
  .pick({ rules: true, identities: true, require_sso: true, addresses: true });

/** The rules of another file, which need have nothing else: a whole configuration, or its rules alone. Throws ConfigError. */
function otherRules(file: string, config: ConfigFile): Policy {
  const { data } = readYamlFile(file, { what: 'the other rules', shown: file });
  const parsed = Rules.safeParse(data, { error: inWords });
  if (!parsed.success) {
    throw new ConfigError(
      `the rules in \`${file}\` are not as they should be: ${z.prettifyError(parsed.error)}`,
    );
  }
  const { data: other } = parsed;
  const changed = WHO_PEOPLE_ARE.find((key) => JSON.stringify(other[key]) !== JSON.stringify(config[key]));
  if (other.identities !== undefined && changed !== undefined) {
    throw new ConfigError(
      `\`${changed}\` is another in \`${file}\`, so that other people may be approved by the same rules: no claim says who they are; take it away there, or make it the same`,
    );
  }
  return policyOf(
    { identities: [], require_sso: true, addresses: 'unmanaged', rules: other.rules },
    readIdentityMap,
    (path) => readOwnerMap(besides(file, path)),
  );
}
