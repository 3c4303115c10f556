import { goesByHoldings } from '../core/coverage.ts';
import type { Reporter } from '../ports/reporter.ts';
import { TeleportError, type TeleportUsers } from '../ports/teleport.ts';
import type { Dependencies } from '../review/dependencies.ts';

export interface WatchedLoginStates {
  readonly users: TeleportUsers;
  /** Asks, where the policy needs login states and none was read so far, whether they may be read. Throws nothing of Teleport's. */
  probe(asking: Pick<Dependencies, 'policyInForce' | 'ownUser'>, signal: AbortSignal): Promise<void>;
}

/** The same users; whether their login states may be read is reported whenever that changes. */
export function watchLoginStates(
  users: TeleportUsers,
  reporter: Pick<Reporter, 'loginStates'>,
): WatchedLoginStates {
  let told: Parameters<Reporter['loginStates']>[0]['state'] | null = null;

  function tell(state: NonNullable<typeof told>, cause: string): void {
    if (state !== told) reporter.loginStates({ state, cause });
    told = state;
  }

  const watched: TeleportUsers = {
    user: (name, signal) => users.user(name, signal),
    search: (matches, signal) => users.search(matches, signal),
    async loginState(name, signal) {
      try {
        const state = await users.loginState(name, signal);
        tell('read', '');
        return state;
      } catch (error) {
        if (error instanceof TeleportError && error.kind === 'denied') tell('refused', error.message);
        if (error instanceof TeleportError && error.kind === 'unsupported')
          tell('unsupported', error.message);
        throw error;
      }
    },
  };
  return {
    users: watched,
    async probe({ policyInForce, ownUser }, signal) {
      if (told === 'read' || !goesByHoldings(policyInForce().policy)) return;
      try {
        await watched.loginState(ownUser, signal);
      } catch (error) {
        if (!signal.aborted && !(error instanceof TeleportError)) throw error;
      }
    },
  };
}
