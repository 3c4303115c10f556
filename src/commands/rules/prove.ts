import { loadConfig } from '../../config/load.ts';
import { proveClaim } from '../../rules/claims/prove.ts';
import type { Terminal } from '../terminal.ts';

/**
 * `rules prove`: whether the claims of the configuration hold for every request and everything that can be known, without network or
 * credentials. A claim that is broken is told with a case that shows it. Gives exit code 1 unless all are proven. Throws ConfigError.
 */
export async function proveRules(
  { config }: { readonly config: string },
  terminal: Terminal,
): Promise<number> {
  const { policy, said } = loadConfig(config, terminal.environment, { offline: true });
  let proven = 0;
  for (const written of said.claims) {
    const proof = await proveClaim(written, policy);
    switch (proof.state) {
      case 'holds':
        proven += 1;
        terminal.print(`holds      ${proof.claim.words}`);
        break;
      case 'broken':
        terminal.print(`BROKEN     ${proof.claim.words}`);
        terminal.print('# A case for `rules test` that shows it, and passes once the rules are right:');
        for (const line of proof.test.trimEnd().split('\n')) terminal.print(line);
        break;
      case 'undecided':
      case 'possible':
        terminal.print(`UNDECIDED  ${proof.claim.words}`);
        terminal.print(`           ${proof.why}`);
    }
  }
  terminal.print(`${proven} of ${said.claims.length} claims hold`);
  return proven === said.claims.length ? 0 : 1;
}
